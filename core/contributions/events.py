"""Domain events as apps declare them in `<app>/events.py`, and who wants to hear of them.

An event is a fact in the past tense: a frozen dataclass of plain values (ids, strings, numbers, times).
`events.services.publish` writes it to the outbox in the writer's own transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from core.contributions import event_codec

_types: dict[tuple[str, int], type["DomainEvent"]] = {}

PUBLIC = "public events"  # what a subscriber wants that hears of every event integrators may receive


@dataclass(frozen=True, slots=True)
class Publicity:
    """What integrators may know of an event, and whose integrators. Both lists are short on purpose.

    Args:
        fields: those of the payload that are told; `aggregate_id` always is, as `id`.
        person: the fields, space separated, that name whom the event is about: every workspace of theirs hears of it.
        workspace: the field that names the only workspace that hears of it.
    """

    fields: tuple[str, ...] = ()
    person: str = ""
    workspace: str = ""


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Base of all events. Subclasses add their payload's fields.

    `name` is dotted (`mentor.session.requested`); `version` is an integer that grows when the payload's
    shape changes. Events of one `aggregate_id` reach each subscriber in the order they happened.
    One that integrators may receive through webhooks is `public`.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    aggregate: ClassVar[str]
    public: ClassVar[Publicity | None] = None

    aggregate_id: UUID

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in cls.__dict__:
            return  # a base that several events share
        known = _types.setdefault((cls.name, cls.version), cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"Two events are called {cls.name!r}, version {cls.version}.")
        _types[cls.name, cls.version] = cls

    def payload(self) -> dict[str, Any]:
        """The fields as plain JSON, without `aggregate_id`."""
        values: dict[str, Any] = event_codec.encode(self)
        del values["aggregate_id"]
        return values


E = TypeVar("E", bound=DomainEvent)


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

    def read(self, kind: type[E]) -> E:
        """The event as the typed value that was published.

        Raises:
            TypeError: this is another event, or another version of it.
        """
        if (self.name, self.version) != (kind.name, kind.version):
            raise TypeError(f"{self.name} v{self.version} is no {kind.__name__}.")
        event: E = event_codec.decode(kind, {**self.payload, "aggregate_id": str(self.aggregate_id)})
        return event


@dataclass(frozen=True, slots=True)
class Subscription:
    """`handle` runs at least once per event; unless `is_slow`, in one transaction with the mark that it is done."""

    subscriber: str
    handle: Callable[[Published], None]
    event_names: frozenset[str] = field(default_factory=frozenset)
    is_slow: bool = False


_subscriptions: dict[str, Subscription] = {}


def subscriber(
    *event_names: str, name: str, is_slow: bool = False
) -> Callable[[Callable[[Published], None]], Callable[[Published], None]]:
    """Declare a subscriber in `<app>/subscribers.py`. `name` is stable: deliveries are recorded under it.

    Event names may be patterns: `freelancer.*`, or `*` for all; `PUBLIC` stands for all that integrators may receive.

    What the handler writes to the database happens once. What it does elsewhere may happen again after a crash,
    so it writes a row of its own for that, or hands the event's `id` on.

    A handler that waits for others, such as a mail server, `is_slow`: it runs outside of any transaction, so that
    nobody waits for its locks, and what it writes may happen again as well.
    """

    def declare(handle: Callable[[Published], None]) -> Callable[[Published], None]:
        if name in _subscriptions and _subscriptions[name].handle.__module__ != handle.__module__:
            raise ValueError(f"Two subscribers are called {name!r}.")
        _subscriptions[name] = Subscription(name, handle, frozenset(event_names), is_slow)
        return handle

    return declare


def subscriptions() -> tuple[Subscription, ...]:
    return tuple(_subscriptions.values())


def subscribers_of(event_name: str) -> list[str]:
    """Names of those who want to hear of an event."""
    is_public = any(kind.public for (name, _), kind in _types.items() if name == event_name)
    return sorted(
        wish.subscriber
        for wish in _subscriptions.values()
        if (is_public and PUBLIC in wish.event_names)
        or any(fnmatchcase(event_name, pattern) for pattern in wish.event_names)
    )


def event_types() -> tuple[type[DomainEvent], ...]:
    """Every declared event, by name and version."""
    return tuple(_types[key] for key in sorted(_types))


def event_type(name: str, version: int) -> type[DomainEvent] | None:
    return _types.get((name, version))
