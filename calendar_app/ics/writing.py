"""Events as an iCalendar file."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from icalendar import Alarm, Calendar, Component, Timezone, vRecur
from icalendar import Event as Entry

from calendar_app.ics import properties
from calendar_app.models import Event
from calendar_app.occurrences import read_starts
from calendar_app.types import EventStatus, EventType, Visibility

PRODUCT = "-//Gigvora//Calendar//EN"
FIRST_YEAR, LAST_YEAR = date(1970, 1, 1), date(2038, 1, 1)  # what definitions of time zones cover

_STATUS = {EventStatus.TENTATIVE: "TENTATIVE", EventStatus.CANCELLED: "CANCELLED"}
# What an event is unless something else is said, here or in a property that all programs know.
_UNSAID = {EventType.EVENT, EventStatus.CONFIRMED, EventStatus.TENTATIVE, EventStatus.CANCELLED, Visibility.PRIVATE}
_CLASS = {Visibility.PRIVATE: "PRIVATE", Visibility.WORKSPACE: "CONFIDENTIAL", Visibility.PUBLIC: "PUBLIC"}


def write(events: Iterable[Event], *, name: str) -> bytes:
    """One calendar of stored events; a series and its changed occurrences share their UID."""
    stored = list(events)
    replaced: dict[Any, set[datetime]] = {}
    for event in stored:
        if event.series_id and event.original_start:
            replaced.setdefault(event.series_id, set()).add(event.original_start)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for zone in sorted({event.timezone for event in stored if not event.is_all_day} - {"UTC"}):
        calendar.add_component(_definition(zone))
    for event in stored:
        calendar.add_component(_entry(event, replaced.get(event.id, set())))
    written: bytes = calendar.to_ical(sorted=False)
    return written


def _entry(event: Event, replaced: set[datetime]) -> Component:
    entry = Entry()
    entry.add("uid", event.uid)
    entry.add("dtstamp", event.updated_at)
    entry.add("created", event.created_at)
    entry.add("last-modified", event.updated_at)
    entry.add("sequence", event.rev - 1)
    _add_times(entry, event, replaced)
    _add_texts(entry, event)
    entry.add("status", _STATUS.get(EventStatus(event.status), "CONFIRMED"))
    entry.add("class", _CLASS[Visibility(event.visibility)])
    if event.reminder_minutes is not None:
        entry.add_component(_alarm(event.reminder_minutes, event.title))
    return entry


def _add_times(entry: Component, event: Event, replaced: set[datetime]) -> None:
    def shown(moment: datetime) -> datetime | date:
        local = moment.astimezone(UTC if event.timezone == "UTC" else event.zone)
        return local.date() if event.is_all_day else local

    entry.add("dtstart", shown(event.starts_at))
    entry.add("dtend", shown(event.ends_at))
    if event.is_all_day:
        entry.add(properties.TIMEZONE, event.timezone)
    if event.original_start:
        entry.add("recurrence-id", shown(event.original_start))
    if event.recurrence:
        entry.add("rrule", vRecur.from_ical(event.recurrence))
    for name, starts in (("rdate", event.extra_starts), ("exdate", event.excluded_starts)):
        moments = [shown(start) for start in read_starts(starts) if name == "rdate" or start not in replaced]
        if moments:
            entry.add(name, moments, parameters={"VALUE": "DATE"} if event.is_all_day else {})


def _add_texts(entry: Component, event: Event) -> None:
    entry.add("summary", event.title)
    for name, text in (("description", event.description), ("location", event.location)):
        if text:
            entry.add(name, text)
    if event.video_conference_link:
        entry.add("conference", event.video_conference_link, parameters={"VALUE": "URI"})
    for name, field in properties.TEXT_FIELDS.items():
        value = getattr(event, field)
        if value and value not in _UNSAID:
            entry.add(name, str(value))
    if event.focus_mode:
        entry.add(properties.FOCUS, "TRUE")
    if event.metadata:
        entry.add(properties.METADATA, orjson.dumps(event.metadata, option=orjson.OPT_SORT_KEYS).decode())


def _alarm(minutes: int, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(minutes=-minutes))
    return alarm


@lru_cache(maxsize=128)
def _definition(zone: str) -> Timezone:
    return Timezone.from_tzid(zone, first_date=FIRST_YEAR, last_date=LAST_YEAR)
