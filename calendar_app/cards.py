"""What the calendar shows on the home screen."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from access.types import Principal
from calendar_app.models import Event
from calendar_app.scopes import VIEW
from calendar_app.selectors import list_events, list_occurrences
from calendar_app.types import EventStatus, Window
from core.contributions.cards import Card, Priority, card
from core.timezones import midnight

SHOWN = 5  # events on one card
AHEAD = timedelta(days=7)
BEHIND = timedelta(days=30)


@card("calendar_today", "What stands in one's calendar today.", scope=VIEW, since="2024.06")
def today(principal: Principal) -> Iterable[Card]:
    zone = ZoneInfo(principal.timezone)
    day = timezone.now().astimezone(zone).date()
    window = Window(midnight(day, zone), midnight(day + timedelta(days=1), zone), zone)
    events = [event for event in _standing(principal, window) if event.status != EventStatus.CANCELLED]
    if events:
        yield Card(
            title="1 event today" if len(events) == 1 else f"{len(events)} events today",
            subtitle=", ".join(event.title for event in events[:2]),
            priority=Priority.TODAY,
            link="calendar",
            data={"day": day, "total": len(events), "events": _brief(events)},
            expires_at=window.end,
        )


@card("calendar_next_event", "What begins next, within a week.", scope=VIEW, since="2024.06")
def next_event(principal: Principal) -> Iterable[Card]:
    now = timezone.now()
    window = Window(now, now + AHEAD, ZoneInfo(principal.timezone))
    upcoming = (event for event in _standing(principal, window) if event.is_open and event.starts_at > now)
    for event in upcoming:
        yield Card(
            about=event.public_id,
            title=event.title,
            subtitle=event.location,
            priority=Priority.SOON,
            link=f"calendar/events/{event.public_id}",
            data=_brief([event])[0] | {"video_conference_link": event.video_conference_link},
            expires_at=event.starts_at,
        )
        return


@card("calendar_overdue", "Open events of the last month that are over.", scope=VIEW, since="2024.09")
def overdue(principal: Principal) -> Iterable[Card]:
    now = timezone.now()
    window = Window(now - BEHIND, now, ZoneInfo(principal.timezone))
    events = [event for event in _standing(principal, window) if event.is_open and event.ends_at < now]
    if events:
        yield Card(
            title="1 event is overdue" if len(events) == 1 else f"{len(events)} events are overdue",
            subtitle="Complete them, or find them another time.",
            priority=Priority.URGENT,
            link="calendar",
            data={"total": len(events), "events": _brief(events)},
        )


def _standing(principal: Principal, window: Window) -> list[Event]:
    return list_occurrences(list_events(principal), window)


def _brief(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [
        {
            "id": event.public_id,
            "title": event.title,
            "starts_at": event.starts_at,
            "ends_at": event.ends_at,
            "event_type": event.event_type,
            "is_all_day": event.is_all_day,
        }
        for event in events[:SHOWN]
    ]
