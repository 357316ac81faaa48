"""Domain events as apps declare them in `<app>/events.py`, and who wants to hear of them.

An event is a fact in the past tense: a frozen dataclass of plain values (ids, strings, numbers, times).
`events.services.publish` writes it to the outbox in the writer's own transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Base of all events. Subclasses add their payload's fields.

    `name` is dotted (`mentor.session.requested`); `version` is an integer that grows when the payload's
    shape changes. Events of one `aggregate_id` reach each subscriber in the order they happened.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    aggregate: ClassVar[str]

    aggregate_id: UUID


@dataclass(frozen=True, slots=True)
class Published:
    """An event as subscribers receive it. `id` is the same for every delivery of the same event."""

    id: UUID
    name: str
    version: int
    aggregate: str
    aggregate_id: UUID
    payload: Mapping[str, Any]
    channel: str
    actor_id: UUID | None
    trace_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """`handle` runs at least once per event, in one transaction with the mark that it is done."""

    subscriber: str
    handle: Callable[[Published], None]
    event_names: frozenset[str] = field(default_factory=frozenset)


_subscriptions: dict[str, Subscription] = {}


def subscriber(*event_names: str, name: str) -> Callable[[Callable[[Published], None]], Callable[[Published], None]]:
    """Declare a subscriber in `<app>/subscribers.py`. `name` is stable: deliveries are recorded under it."""

    def declare(handle: Callable[[Published], None]) -> Callable[[Published], None]:
        if name in _subscriptions and _subscriptions[name].handle.__module__ != handle.__module__:
            raise ValueError(f"Two subscribers are called {name!r}.")
        _subscriptions[name] = Subscription(name, handle, frozenset(event_names))
        return handle

    return declare


def subscriptions() -> tuple[Subscription, ...]:
    return tuple(_subscriptions.values())
