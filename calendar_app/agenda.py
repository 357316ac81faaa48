"""A calendar by days, and the figures above it. Pure: events in, values out.

Not here: which events those are (`selectors.py`).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from calendar_app.errors import WindowTooLarge
from calendar_app.models import Event
from calendar_app.occurrences import day_keys
from calendar_app.types import EventStatus, EventType, Window

MAX_PLACEMENTS = 10_000  # events under days: an event stands under every one of its days


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of the events of one window at one moment.

    `upcoming_count` counts open events that have not begun, `overdue_count` open ones that are over.
    """

    total: int
    upcoming_count: int
    overdue_count: int
    type_counts: dict[str, int]
    status_counts: dict[str, int]
    next_event: Event | None


@dataclass(frozen=True, slots=True)
class Agenda:
    """`days` names under each day the positions of its events in `events`; days without any are absent."""

    events: list[Event]
    metrics: Metrics
    changes_at: datetime | None
    days: dict[str, list[int]] = field(default_factory=dict)


def agenda(events: list[Event], window: Window, now: datetime) -> Agenda:
    """Arrange sorted events by the days of the window on which they stand.

    Raises:
        WindowTooLarge: they stand on them more than `MAX_PLACEMENTS` times.
    """
    days: dict[str, list[int]] = {}
    placed = ((day, position) for position, event in enumerate(events) for day in day_keys(event, window))
    for count, (day, position) in enumerate(placed):
        if count == MAX_PLACEMENTS:
            raise WindowTooLarge(f"More than {MAX_PLACEMENTS:,} events on the days. Ask for a shorter time.")
        days.setdefault(day, []).append(position)
    return Agenda(events, metrics(events, now), next_change(events, now), dict(sorted(days.items())))


def metrics(events: list[Event], now: datetime) -> Metrics:
    upcoming = [event for event in events if event.is_open and event.starts_at > now]
    return Metrics(
        total=len(events),
        upcoming_count=len(upcoming),
        overdue_count=sum(1 for event in events if event.is_open and event.ends_at < now),
        type_counts=_counts((event.event_type for event in events), EventType),
        status_counts=_counts((event.status for event in events), EventStatus),
        next_event=upcoming[0] if upcoming else None,
    )


def next_change(events: list[Event], now: datetime) -> datetime | None:
    """When an event next begins or ends, so that figures change though nobody writes."""
    moments = chain.from_iterable((event.starts_at, event.ends_at) for event in events if event.is_open)
    return min((moment for moment in moments if moment >= now), default=None)


def _counts(words: Iterable[str], known: type[EventType] | type[EventStatus]) -> dict[str, int]:
    """How often each word occurs, in the vocabulary's order."""
    counted = Counter(words)
    return {word.value: counted[word.value] for word in known if counted[word.value]}
