"""Publishing what happened."""

from uuid import UUID

from django.db import connection

from core import context
from core.contributions.events import DomainEvent, subscribers_of
from core.db.instances import insert_all
from core.jobs import enqueue
from events.models import Delivery, OutboxEvent


def publish(event: DomainEvent, *, actor_id: UUID | None = None) -> None:
    """Write `event` to the outbox, in the caller's transaction; subscribers hear of it after the commit.

    Publish after the aggregate's row is locked: the order of its events is the order of these calls.
    """
    assert connection.in_atomic_block, "publish() belongs into the transaction of the change it tells of."
    now = context.current()
    row = OutboxEvent(
        name=event.name,
        version=event.version,
        aggregate=event.aggregate,
        aggregate_id=event.aggregate_id,
        payload=event.payload(),
        channel=now.channel,
        actor_id=actor_id,
        trace_id=now.trace_id,
    )
    deliveries = [
        Delivery(event=row, subscriber=subscriber, aggregate_id=row.aggregate_id)
        for subscriber in subscribers_of(event.name)
    ]
    insert_all([row, *deliveries])
    if deliveries:
        enqueue("events.dispatch")
