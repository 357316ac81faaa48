"""How long people have to change their minds, and where files lie that nobody but their owner may have."""

from datetime import timedelta
from typing import Any

from config.settings.base import ENV

ERASURE_GRACE = timedelta(days=14)  # App Store and Play allow at most 30
EXPORT_LIFETIME = timedelta(days=7)
DELETION_LINK_LIFETIME = timedelta(days=1)  # for confirming by mail

STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(ENV.home / "files")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # Never served by address; readable by the server's own user alone.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(ENV.home / "private"),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
