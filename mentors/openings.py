"""From hours on a wall to moments: when a mentor is open, and which slots fit in.

A moment is open if the clock on the mentor's wall shows hours of that day, whatever is done to the clock: hours that
it skips do not exist, hours that it repeats are open twice.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.timezones import wall_time
from mentors.types import DayHours, ExceptionKind, Hours, Span, WeeklyHours

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


def open_spans(hours: Hours, window: Span) -> list[Span]:
    """When somebody is open within a window: apart from each other, and in order."""
    found: list[Span] = []
    for even, offset in _even_parts(window, hours.zone):
        open_, closed = [], []
        for day in _days(even, offset):
            begins = datetime.combine(day, time(), UTC) - offset
            kinds = [(each.kind, each) for each in hours.exceptions if each.first_day <= day <= each.last_day]
            open_ += [_at(begins, each) for each in hours.weekly if _applies(each, day)]
            open_ += [_at(begins, each) for kind, each in kinds if kind is ExceptionKind.OPEN]
            closed += [_at(begins, each) for kind, each in kinds if kind is ExceptionKind.CLOSED]
        found += [part for part in (_cut(span, even) for span in without(open_, closed)) if part]
    return merged(found)


def slot_starts(open_: Iterable[Span], *, duration: timedelta, every: int, zone: ZoneInfo) -> Iterator[datetime]:
    """When slots begin that fit into open spans: every so many minutes of the clock on the wall of `zone`."""
    for span in open_:
        start = _on_grid(span.start, every, zone)
        while start + duration <= span.end:
            yield start
            start = _on_grid(start + _MINUTE, every, zone)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans that neither touch nor overlap, in order."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: each.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What of `spans` none of `taken` covers."""
    left = merged(spans)
    for hole in merged(taken):
        left = [part for span in left for part in _around(span, hole)]
    return left


def _around(span: Span, hole: Span) -> Iterator[Span]:
    if not span.overlaps(hole):
        yield span
        return
    if span.start < hole.start:
        yield Span(span.start, hole.start)
    if hole.end < span.end:
        yield Span(hole.end, span.end)


def _cut(span: Span, to: Span) -> Span | None:
    start, end = max(span.start, to.start), min(span.end, to.end)
    return Span(start, end) if start < end else None


def _even_parts(window: Span, zone: ZoneInfo) -> Iterator[tuple[Span, timedelta]]:
    """The window in parts within which the clock is not changed, each with its offset from UTC."""
    start = window.start
    while start < window.end:
        offset, end = _offset(start, zone), start
        while end < window.end and _offset(end, zone) == offset:
            last, end = end, min(end + _DAY, window.end)
        if _offset(end, zone) != offset:
            end = _change(last, end, offset, zone)
        yield Span(start, end), offset
        start = end


def _change(before: datetime, after: datetime, offset: timedelta, zone: ZoneInfo) -> datetime:
    """The first second in `(before, after]` at which the offset is not `offset` any more."""
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        before, after = (middle, after) if _offset(middle, zone) == offset else (before, middle)
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _days(even: Span, offset: timedelta) -> Iterator[date]:
    """The days that the clock on the wall shows within a part."""
    day, last = (even.start + offset).date(), (even.end - _SECOND + offset).date()
    while day <= last:
        yield day
        day += _DAY


def _applies(rule: WeeklyHours, day: date) -> bool:
    return (
        rule.weekday == day.isoweekday()
        and (rule.first_day is None or rule.first_day <= day)
        and (rule.last_day is None or day <= rule.last_day)
    )


def _at(begins: datetime, hours: WeeklyHours | DayHours) -> Span:
    return Span(begins + timedelta(minutes=hours.start_minute), begins + timedelta(minutes=hours.end_minute))


def _on_grid(moment: datetime, every: int, zone: ZoneInfo) -> datetime:
    """The first whole minute from this moment on at which the clock shows a multiple of `every` past midnight."""
    found = moment if moment.second == moment.microsecond == 0 else moment.replace(second=0, microsecond=0) + _MINUTE
    on_time = found + timedelta(minutes=-_minute_of_day(found, zone) % every)
    if _offset(on_time, zone) == _offset(found, zone):
        return on_time
    while _minute_of_day(found, zone) % every:  # the clock is changed on the way
        found += _MINUTE
    return found


def _minute_of_day(moment: datetime, zone: ZoneInfo) -> int:
    wall = wall_time(moment, zone)
    return wall.hour * 60 + wall.minute
