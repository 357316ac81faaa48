"""Whose turn an erasure is: workers share the rows, and one leases an erasure for as long as it beats.

`claims` is the fencing token: whoever finds it raised was too slow, and somebody else has taken over.
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from core.db.changes import save_changes
from privacy.models import Erasure
from privacy.types import ErasureStatus

LEASE = timedelta(minutes=5)
LAST_RETRY = timedelta(hours=6)
_MANY = 16  # doublings, beyond which every span here is longer than the last retry


class Superseded(Exception):
    """The lease ran out, and somebody else has taken over."""


def next_due() -> Erasure | None:
    """The erasure that has waited longest, to be begun or gone on with."""
    return _due().order_by("executes_at").first()


def hold_due(erasure_id: UUID) -> Erasure | None:
    """A due erasure, locked; None if somebody else was quicker."""
    return _due().select_for_update(no_key=True).filter(id=erasure_id).first()


def lease(erasure: Erasure) -> Erasure:
    """Take over an erasure that the caller holds."""
    return save_changes(erasure, due_at=timezone.now() + LEASE, claims=erasure.claims + 1)


def beat(erasure: Erasure, pause: timedelta = LEASE) -> None:
    """Keep the lease, or say when to go on.

    Raises:
        Superseded: it is somebody else's.
    """
    ours = Erasure.objects.filter(id=erasure.id, claims=erasure.claims, status=ErasureStatus.RUNNING)
    if not ours.update(due_at=timezone.now() + pause):
        raise Superseded


def put_off(erasure_id: UUID) -> None:
    """Let others have their turn before one that cannot be worked on."""
    waiting = Erasure.objects.filter(id=erasure_id, status__in=(ErasureStatus.SCHEDULED, ErasureStatus.RUNNING))
    waiting.update(due_at=timezone.now() + LAST_RETRY)


def doubled(span: timedelta, times: int) -> timedelta:
    """A span that was doubled so often, the last retry's at most."""
    longer: timedelta = span * 2 ** min(times, _MANY)
    return min(longer, LAST_RETRY)


def _due() -> QuerySet[Erasure]:
    now = timezone.now()
    may_begin = Q(due_at=None) | Q(due_at__lte=now)
    scheduled = Q(status=ErasureStatus.SCHEDULED, executes_at__lte=now) & may_begin
    return Erasure.objects.filter(scheduled | Q(status=ErasureStatus.RUNNING, due_at__lte=now))
