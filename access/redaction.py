"""Taking persons out of the audit trail: what happened stays and is proven, what names somebody goes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from access.commitments import KEEP_ORIGIN, blanked, is_salted
from access.models import AuditEntry
from access.trail import record
from core.contributions.privacy import coarse_address

REDACTED = "erasure.redacted"
BATCH = 1_000


def redact(user_id: UUID) -> int:
    """Blank what entries hold of an erased person; returns how many there were. Safe to run again.

    An entry of its own says so: without it, `verify_audit` reports blanked entries as tampering.
    """
    by_them, about_them = Q(user_id=user_id), Q(target_type="user", target_id=str(user_id))
    nobody_else = by_them | (about_them & Q(user_id=None))
    _say_so(user_id)
    origins = _blank(nobody_else & ~Q(origin_salt=b""), blanked("origin"))
    facts = _blank((by_them | about_them) & ~Q(facts_salt=b"") & ~Q(action=REDACTED), blanked("facts"))
    return max(origins, facts)


def coarsened(entry: AuditEntry) -> Mapping[str, Any]:
    """What is left of an old entry's origin: its network."""
    if not is_salted(entry, "origin"):
        return {}
    return {**blanked("origin"), "ip": coarse_address(entry.ip)}


def is_coarsened(entry: AuditEntry) -> bool:
    """Whether an entry is old enough to have lost its origin, and has."""
    is_old = entry.recorded_at < timezone.now() - KEEP_ORIGIN
    lost = not is_salted(entry, "origin") and not entry.user_agent and entry.ip == coarse_address(entry.ip)
    return is_old and lost


def owners_of(entry: AuditEntry) -> set[str]:
    """Those whose erasure blanks something of an entry."""
    about = {entry.target_id} if entry.target_type == "user" else set()
    return about | ({str(entry.user_id)} if entry.user_id else set())


def between(start: datetime, end: datetime) -> Q:
    """Entries of a span of time, by their ids, which begin with the time."""
    return Q(id__gte=first_id(start), id__lt=first_id(end))


def first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _say_so(user_id: UUID) -> None:
    told = AuditEntry.objects.filter(action=REDACTED, target_type="user", target_id=str(user_id))
    if not told.exists():
        record(action=REDACTED, outcome="success", target_type="user", target_id=user_id)


def _blank(condition: Q, values: Mapping[str, Any]) -> int:
    total = 0
    while ids := list(AuditEntry.objects.filter(condition).values_list("id", flat=True)[:BATCH]):
        with transaction.atomic():
            total += AuditEntry.objects.filter(id__in=ids).update(**values)
    return total
