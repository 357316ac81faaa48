"""`/.well-known/security.txt` (RFC 9116): where to report a vulnerability.

`Expires` lies half a year ahead and moves on by itself. Who wants the file signed writes and signs it by hand, and
names it in `SECURITY_TXT_FILE`; a check says when that one has expired.
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

GOOD_FOR = timedelta(days=180)
_EXPIRES = "Expires:"


def security_txt() -> str:
    """The file. The same all day, so that caches keep it."""
    if settings.SECURITY_TXT_FILE:
        return Path(settings.SECURITY_TXT_FILE).read_text()
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    fields = [
        *(("Contact", contact) for contact in settings.SECURITY_CONTACTS),
        ("Expires", f"{today + GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}"),
        ("Preferred-Languages", "en"),
        ("Canonical", f"{settings.PUBLIC_BASE_URL}/.well-known/security.txt"),
        *([("Policy", settings.SECURITY_POLICY_URL)] if settings.SECURITY_POLICY_URL else []),
    ]
    return "".join(f"{name}: {value}\n" for name, value in fields)


def expiry_of(text: str) -> datetime | None:
    """When a file says that it expires; `None` if it does not say so, exactly once and in RFC 3339."""
    said = [line.removeprefix(_EXPIRES).strip() for line in text.splitlines() if line.startswith(_EXPIRES)]
    try:
        [moment] = [datetime.fromisoformat(each) for each in said]
    except ValueError:
        return None
    return moment if moment.tzinfo else None
