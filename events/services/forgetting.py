"""Taking a person out of what happened and what changed, for their erasure."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from core.contributions.privacy import NotYet
from events.models import Change, Delivery, Increment, OutboxEvent

WINDOW = 5_000  # events looked through by one statement
_NOBODY = UUID(int=0)


def forget_events(user_id: UUID) -> int:
    """Delete the events that name a person; returns how many there were.

    Raises:
        NotYet: some of them are still on their way to a subscriber.
    """
    forgotten, waiting = 0, False
    for window in _windows():
        theirs = window.annotate(text=Cast("payload", TextField())).filter(
            Q(aggregate_id=user_id) | Q(actor_id=user_id) | Q(text__contains=str(user_id))
        )
        pending = Delivery.objects.filter(event=OuterRef("pk"), status=Delivery.Status.PENDING)
        ids = list(theirs.filter(~Exists(pending)).values_list("pk", flat=True))
        waiting = waiting or theirs.filter(Exists(pending)).exists()
        with transaction.atomic():
            OutboxEvent.objects.filter(pk__in=ids).delete()
        forgotten += len(ids)
    if waiting:
        raise NotYet("Events about the person are still being delivered.")
    return forgotten


def forget_changes(user_id: UUID) -> int:
    """Delete what the change feed tells of a person's own scope: there is nobody left to read it."""
    scope = f"u:{user_id}"
    with transaction.atomic():
        return Change.objects.filter(scope=scope).delete()[0] + Increment.objects.filter(scope=scope).delete()[0]


def _windows() -> Iterator[QuerySet[OutboxEvent, Any]]:
    """The outbox in pieces that a statement can look through in time."""
    after = _NOBODY
    while ids := list(OutboxEvent.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:WINDOW]):
        yield OutboxEvent.objects.filter(pk__gt=after, pk__lte=ids[-1])
        after = ids[-1]
