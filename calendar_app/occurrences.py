"""The occurrences of a series, and the days on which they stand. Pure: rows in, rows out, no queries.

An occurrence is an unsaved copy of its series' row with its own times, so everything that shows an event shows
an occurrence. Occurrences that were deleted or changed are in the series' `excluded_starts`; the changed ones
have rows of their own.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from zoneinfo import ZoneInfo

from calendar_app import recurrence
from calendar_app.managers import DAYS_APART
from calendar_app.models import Event
from calendar_app.recurrence import Rule
from calendar_app.types import EventId, Window
from core.timezones import midnight


def occurrences(series: Event, start: datetime, end: datetime) -> Iterator[Event]:
    """The occurrences that start in `[start, end)`, in order."""
    excluded = set(read_starts(series.excluded_starts))
    previous = None
    for begins in merge(_by_rule(series, start, end), _by_hand(series, start, end)):
        if begins not in excluded and begins != previous:
            yield occurrence(series, begins)
        previous = begins


def overlapping(series: Event, window: Window) -> Iterator[Event]:
    """The occurrences that have something in the window."""
    start, end = window.start - series.duration - DAYS_APART, window.end + DAYS_APART
    return (each for each in occurrences(series, start, end) if stands_in(each, window))


def occurrence(series: Event, begins: datetime) -> Event:
    """The series as it stands at one start."""
    one = copy(series)
    one.series_id, one.original_start, one.is_series = series.id, begins, False
    one.starts_at, one.ends_at = begins, end_of(series, begins)
    one.public_id = str(EventId(series.id, begins))
    return one


def end_of(series: Event, begins: datetime) -> datetime:
    """All-day events last whole days of their zone, however long summer time makes those; others last their time."""
    if not series.is_all_day:
        return begins + series.duration
    days = series.ends_at.astimezone(series.zone).date() - series.starts_at.astimezone(series.zone).date()
    return midnight(begins.astimezone(series.zone).date() + days, series.zone)


def find(series: Event, begins: datetime) -> Event | None:
    """The occurrence of a series that starts at this very moment."""
    if not series.is_series:
        return None
    return next(occurrences(series, begins, begins + timedelta(seconds=1)), None)


def following(series: Event, moment: datetime) -> Event | None:
    """The first occurrence that starts after `moment`, if one does within ten years."""
    after = max(moment, series.starts_at - timedelta(seconds=1)) + timedelta(seconds=1)
    return next(occurrences(series, after, after + timedelta(days=3_660)), None)


def end_of_series(series: Event) -> datetime | None:
    """When the last occurrence ends; `None` for an endless series."""
    last = [series.starts_at, *read_starts(series.extra_starts)]
    if series.recurrence:
        by_rule = recurrence.last_start(recurrence.parse(series.recurrence), series.starts_at, series.zone)
        if by_rule is None:
            return None
        last.append(by_rule)
    return end_of(series, max(last))


def local_span(event: Event, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end as somebody in `zone` sees them: an all-day event is the same day everywhere."""
    if not event.is_all_day:
        return event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    first, end = (moment.astimezone(event.zone).date() for moment in (event.starts_at, event.ends_at))
    return midnight(first, zone).astimezone(zone), midnight(end, zone).astimezone(zone)


def stands_in(event: Event, window: Window) -> bool:
    """Whether any of it lies in the window; an event without length counts where it starts."""
    begins, ends = local_span(event, window.zone) if event.is_all_day else (event.starts_at, event.ends_at)
    return touches(begins, ends, window)


def touches(begins: datetime, ends: datetime, window: Window) -> bool:
    return begins < window.end and (ends > window.start or begins >= window.start)


def day_key(zone: ZoneInfo, starts_at: datetime, is_all_day: bool, timezone: str) -> str:
    """The day on which an event begins, for somebody in `zone`."""
    return starts_at.astimezone(ZoneInfo(timezone) if is_all_day else zone).date().isoformat()


def day_keys(event: Event, window: Window) -> Iterator[str]:
    """Every day of the window on which the event stands, in order."""
    begins, ends = local_span(event, window.zone)
    first = max(begins, window.start.astimezone(window.zone)).date()
    # In UTC: a zone that skips midnight begins its day at one o'clock, and the moment before was yesterday.
    before = min(ends, window.end).astimezone(UTC) - timedelta(microseconds=1)
    last = max(begins, before).astimezone(window.zone).date()
    while first <= last:
        yield first.isoformat()
        first += timedelta(days=1)


def read_starts(stamps: Iterable[str]) -> list[datetime]:
    return sorted(datetime.fromisoformat(stamp) for stamp in stamps)


def write_starts(starts: Iterable[datetime]) -> list[str]:
    return [start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for start in sorted(set(starts))]


def _by_rule(series: Event, start: datetime, end: datetime) -> Iterator[datetime]:
    if not series.recurrence:
        return iter([series.starts_at] if start <= series.starts_at < end else [])
    return recurrence.expand(_settled(series), series.starts_at, series.zone, start, end)


def _settled(series: Event) -> Rule:
    """The series' rule. A count was settled when the series was written, so nobody has to count again."""
    rule = recurrence.parse(series.recurrence)
    if rule.count and series.series_ends_at and not series.extra_starts and not series.is_all_day:
        return replace(rule, count=None, until=series.series_ends_at - series.duration)
    return rule


def _by_hand(series: Event, start: datetime, end: datetime) -> list[datetime]:
    return [begins for begins in read_starts(series.extra_starts) if start <= begins < end]
