"""The erasures that a restored backup must not forget: one empty file for each, outside of the database.

A backup that is restored knows nothing of erasures after it was taken, tombstones included. `manage.py
replay_erasures` reads these files. Keep them out of what is restored together with the database.
"""

from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

FOLDER = "erased"


def note(digest: str) -> None:
    """Safe to call again."""
    storage, name = _storage(), f"{FOLDER}/{digest}"
    if not storage.exists(name):
        storage.save(name, ContentFile(b""))


def noted() -> Iterator[str]:
    """The digests of everybody erased so far."""
    try:
        _, names = _storage().listdir(FOLDER)
    except FileNotFoundError:
        return
    yield from names


def _storage() -> Storage:
    return storages["private"]
