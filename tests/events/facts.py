"""Rows of the outbox, as plain rows to be tracked."""

from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from events.models import Change, OutboxEvent


def new_fact(**fields: Any) -> OutboxEvent:
    values: dict[str, Any] = {
        "name": "test.fact",
        "version": 1,
        "aggregate": "test",
        "aggregate_id": uuid4(),
        "payload": {},
        "channel": "system",
        "trace_id": "0" * 32,
        "occurred_at": timezone.now(),
    }
    return OutboxEvent(**(values | fields))


def logged(scope: str, collection: str = "facts") -> dict[UUID, str]:
    """Row id -> last op, of one scope."""
    changes = Change.objects.filter(scope=scope, collection=collection)
    return dict(changes.values_list("row_id", "op"))
