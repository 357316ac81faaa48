"""What of the configuration would make apps or researchers turn away; told by `manage.py check`."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.utils import timezone

from linking import pins, security_txt

_FINGERPRINT = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}")
_CONTACT = re.compile(r"(mailto|https|tel):.+")


@checks.register("linking")
def check_linking(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    return [checks.Error(text, id=f"linking.{number}") for number, text in _problems()]


def _problems() -> list[tuple[str, str]]:
    found = [
        ("E001", f"ANDROID_CERTIFICATE_FINGERPRINTS: {given!r} is no SHA-256 fingerprint, 32 bytes as AA:BB:….")
        for given in settings.ANDROID_CERTIFICATE_FINGERPRINTS
        if not _FINGERPRINT.fullmatch(given)
    ]
    found += [
        ("E002", f"CERTIFICATE_PINS: {given!r} is no pin, sha256/ and base64 of 32 bytes.")
        for given in settings.CERTIFICATE_PINS
        if not pins.is_pin(given)
    ]
    if settings.CERTIFICATE_PINS and len(set(settings.CERTIFICATE_PINS)) < pins.MIN_PINS:
        found.append(("E003", "CERTIFICATE_PINS needs a backup: apps that pin one key alone are locked out with it."))
    if settings.CERTIFICATE_PINS and not settings.PIN_SIGNING_KEY:
        found.append(("E004", "CERTIFICATE_PINS are signed with PIN_SIGNING_KEY, which is not set."))
    found += [
        ("E005", f"SECURITY_CONTACTS: {given!r} is no mailto:, https: or tel: address.")
        for given in settings.SECURITY_CONTACTS
        if not _CONTACT.fullmatch(given)
    ]
    if settings.SECURITY_TXT_FILE and _has_expired(settings.SECURITY_TXT_FILE):
        found.append(("E006", "SECURITY_TXT_FILE cannot be read, says no valid Expires, or has expired."))
    return found


def _has_expired(path: str) -> bool:
    file = Path(path)
    expiry = security_txt.expiry_of(file.read_text()) if file.is_file() else None
    return expiry is None or expiry <= timezone.now()
