"""Public events as integrators see them: which there are, what is told of each, and to whom."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_type_hints
from uuid import UUID

import orjson

from core.contributions.events import DomainEvent, Published, event_type, event_types
from core.timezones import rfc3339
from webhooks.types import PublicEvent

TEST_EVENT = "webhook.test"  # sent on demand alone
_WORDS = {UUID: "uuid", str: "string", int: "integer", bool: "boolean", datetime: "RFC 3339 time"}


@dataclass(frozen=True, slots=True)
class Addressees:
    """Whom an event concerns: people, each in all of their workspaces, or one workspace."""

    people: tuple[UUID, ...] = ()
    workspace: UUID | None = None


@cache
def public_events() -> Mapping[str, PublicEvent]:
    """Every event that integrators may receive, by name."""
    return {kind.name: _described(kind) for kind in event_types() if kind.public and _is_ours(kind)}


def addressees_of(event: Published) -> Addressees | None:
    """Nobody, where this version of the event is not public. What concerns two people names both, space separated."""
    public = _publicity(event)
    if public is None:
        return None
    people = (_id(_value(event, name)) for name in public.person.split())
    return Addressees(tuple(person for person in people if person), _id(_value(event, public.workspace)))


def body_of(event: Published) -> str:
    """The bytes, as text, that every endpoint gets for this event."""
    public = _publicity(event)
    told = {name: _told(event, name) for name in public.fields} if public else {}
    return envelope(event.name, event.channel, event.occurred_at, {"id": str(event.aggregate_id), **told})


def envelope(name: str, channel: str, at: datetime, data: Mapping[str, Any]) -> str:
    moment = rfc3339(at, timespec="milliseconds")
    return orjson.dumps({"type": name, "timestamp": moment, "channel": channel, "data": dict(data)}).decode()


def _publicity(event: Published) -> Any:
    kind = event_type(event.name, event.version)
    return kind.public if kind else None


def _value(event: Published, name: str) -> Any:
    return event.aggregate_id if name == "aggregate_id" else event.payload.get(name)


def _told(event: Published, name: str) -> Any:
    """A value of the payload as integrators read it; moments are stored with an offset, and told with `Z`."""
    value, kind = event.payload[name], event_type(event.name, event.version)
    if value is None or kind is None or get_type_hints(kind)[name] is not datetime:
        return value
    return rfc3339(datetime.fromisoformat(value))


def _id(value: Any) -> UUID | None:
    return UUID(str(value)) if value else None


def _described(kind: type[DomainEvent]) -> PublicEvent:
    hints = get_type_hints(kind)
    fields = {"id": f"uuid of the {kind.aggregate.rpartition('.')[2]}"}
    fields |= {name: _WORDS.get(hints[name], "value") for name in (kind.public.fields if kind.public else ())}
    text = inspect.cleandoc(kind.__doc__ or "")
    return PublicEvent(kind.name, "" if text.startswith(f"{kind.__name__}(") else text, fields)


def _is_ours(kind: type[DomainEvent]) -> bool:
    return not kind.__module__.startswith("tests.")
