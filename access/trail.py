"""Writing the audit trail. Not here: sealing it (`chain.py`), reading it (`selectors.py`)."""

import ipaddress
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model

from access.commitments import commit
from access.models import AuditEntry
from access.types import Outcome, Principal
from core import context
from core.db.instances import insert_all

# Event categories of the Elastic Common Schema, by the first word of the action.
_CATEGORIES = {
    "authentication": (
        "login",
        "logout",
        "password",
        "passkey",
        "biometric",
        "factor",
        "recovery",
        "email",
        "user",
        "signup",
        "identity",
    ),
    "session": ("refresh", "session", "device", "pop", "fingerprint", "attestation", "integrity"),
    "iam": ("share", "role", "consent", "erasure", "export", "header"),
}
_CATEGORY_OF = {word: category for category, words in _CATEGORIES.items() for word in words}
OWNERS_CATEGORIES = tuple(_CATEGORIES)


def record(
    *,
    action: str,
    outcome: Outcome,
    principal: Principal | None = None,
    user_id: UUID | None = None,
    target_type: str = "",
    target_id: UUID | str = "",
    reason: str = "",
    decision_id: str = "",
    beside: Sequence[Model] = (),
    **details: Any,
) -> None:
    """Append one entry to the audit trail, in the caller's transaction.

    Who acted is `principal`, else `user_id`, else whoever the context knows; channel, address, user agent,
    trace, session and device come from the context. `details` are plain JSON values, never secrets: tokens and
    codes stay out, or go in as digests. Rows that are new, too, may be written `beside` it, which saves a round trip.
    """
    now = context.current()
    entry = AuditEntry(
        action=action,
        category=category_of(action),
        outcome=outcome,
        user_id=principal.user_id if principal else user_id or _uuid(now.user_id),
        target_type=target_type,
        target_id=str(target_id),
        session_id=principal.session_id if principal else _uuid(now.session_id),
        device_id=principal.device_id if principal else _uuid(now.device_id),
        channel=principal.channel if principal else now.channel,
        ip=_address(now.client_ip),
        user_agent=now.user_agent[:512],
        trace_id=now.trace_id,
        decision_id=decision_id,
        reason=reason[:200],
        details=details,
    )
    insert_all([*beside, commit(entry)])


def category_of(action: str) -> str:
    return _CATEGORY_OF.get(action.partition(".")[0], "web")


def network_of(address: str) -> str:
    """The part of an address that one household shares: an IPv6 /64, an IPv4 address as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed.packed, 64), strict=False) if parsed.version == 6 else parsed)


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None


def _address(text: str) -> str:
    """The peer's address, or nothing where the peer is a Unix socket."""
    try:
        return str(ipaddress.ip_address(text))[:45]
    except ValueError:
        return ""
