"""Addresses that are good for minutes: what follows a link to a file, so that one in a history or a log soon is dead.

The signature lets nobody in by itself: the caller must be signed in as the owner too.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from math import ceil
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from core.errors import NotFound
from finance.errors import ExportLinkGone

STEP = 300  # seconds; links change no oftener, so that an unchanged export keeps its tag


def signed_query(export_id: UUID, expires_at: datetime) -> str:
    """What is added to the address of a file that is there until `expires_at`."""
    lifetime = int(settings.LEDGER_EXPORT_LINK_LIFETIME.total_seconds())
    latest = (int(timezone.now().timestamp()) + lifetime) // STEP * STEP
    expires = min(latest, ceil(expires_at.timestamp()))
    return f"?expires={expires}&signature={_signature(export_id, expires)}"


def check(export_id: UUID, *, expires: int, signature: str) -> None:
    """Raises: NotFound where it is not ours, ExportLinkGone where it was."""
    if not hmac.compare_digest(signature.encode(), _signature(export_id, expires).encode()):
        raise NotFound
    if expires <= timezone.now().timestamp():
        raise ExportLinkGone


def _signature(export_id: UUID, expires: int) -> str:
    message = f"ledger export\n{export_id}\n{expires}".encode()
    return hmac.new(settings.TOKEN_PEPPER.encode(), message, sha256).hexdigest()
