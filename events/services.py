"""Publishing what happened."""

from dataclasses import asdict
from uuid import UUID

from django.db import connection
from django.utils import timezone

from core import context
from core.contributions.events import DomainEvent
from core.jobs import enqueue
from events.models import OutboxEvent


def publish(event: DomainEvent, *, actor_id: UUID | None = None) -> None:
    """Write `event` to the outbox, in the caller's transaction; subscribers hear of it after the commit."""
    assert connection.in_atomic_block, "publish() belongs into the transaction of the change it tells of."
    now = context.current()
    payload = asdict(event)
    OutboxEvent.objects.create(
        name=event.name,
        version=event.version,
        aggregate=event.aggregate,
        aggregate_id=payload.pop("aggregate_id"),
        payload={key: value if isinstance(value, int | None) else str(value) for key, value in payload.items()},
        channel=now.channel,
        actor_id=actor_id,
        trace_id=now.trace_id,
        occurred_at=timezone.now(),
    )
    enqueue("events.dispatch")
