"""Taking persons out of the audit trail: what happened stays and is proven, what names somebody goes.

The origin of an entry is of whoever acted. Its facts are of the person acted upon, and of whoever acted in private
life. They are not of staff who acted at work: else they could wipe what they did to others by deleting their own
account. At work is what was not done through the apps that everybody has, and not upon oneself or something of one's
own account.
"""

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
from core.context import Channel
from core.contributions.privacy import coarse_address

REDACTED = "erasure.redacted"
BATCH = 1_000

AT_WORK = frozenset({Channel.ADMIN, Channel.SYSTEM})  # the staff site, staff's app, the server's command line
OF_THE_ACCOUNT = frozenset({"", "device", "export", "passkey", "session"})  # types of targets that are one's own


def redact(user_id: UUID) -> int:
    """Blank what entries hold of an erased person; returns how many there were. Safe to run again.

    An entry of its own says so: without it, `verify_audit` reports blanked entries as tampering.
    """
    about_them = Q(target_type="user", target_id=str(user_id))
    facts = about_them | (Q(user_id=user_id) & ~_at_work())
    _say_so(user_id)
    return max(
        _blank(origins_of(user_id) & ~Q(origin_salt=b""), blanked("origin")),
        _blank(facts & ~Q(facts_salt=b"") & ~Q(action=REDACTED), blanked("facts")),
    )


def origins_of(user_id: UUID) -> Q:
    """Entries that tell from where somebody acted: their own, and what nobody known did to their account."""
    return Q(user_id=user_id) | Q(user_id=None, target_type="user", target_id=str(user_id))


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


def owners_of(entry: AuditEntry, part: str) -> set[str]:
    """Those whose erasure blanks a part of an entry: the same rule as that of `redact`."""
    actor = {str(entry.user_id)} if entry.user_id else set()
    about = {entry.target_id} if entry.target_type == "user" else set()
    if part == "origin":
        return actor or about
    was_at_work = entry.channel in AT_WORK and entry.target_type not in OF_THE_ACCOUNT
    return about if was_at_work else about | actor


def between(start: datetime, end: datetime) -> Q:
    """Entries of a span of time, by their ids, which begin with the time."""
    return Q(id__gte=first_id(start), id__lt=first_id(end))


def first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _at_work() -> Q:
    return Q(channel__in=AT_WORK) & ~Q(target_type__in=OF_THE_ACCOUNT)


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
