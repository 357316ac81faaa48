"""Hours and slots: whatever is done to clocks, what is offered is what the clock on the mentor's wall shows."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.timezones import wall_time
from mentors.openings import merged, open_spans, slot_starts, without
from mentors.types import DayHours, ExceptionKind, Hours, Span, WeeklyHours

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Zones with the day on which they change their clocks; Lord Howe by half an hour, Beirut at midnight.
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Beirut": (date(2026, 3, 29), date(2026, 10, 25)),
    "Pacific/Chatham": (date(2026, 4, 5), date(2026, 9, 27)),
    "Asia/Kathmandu": (date(2026, 5, 1), date(2026, 5, 2)),  # 5:45 ahead, always
}

minutes = st.integers(0, 96).map(lambda quarters: quarters * 15)
hours_of_day = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Hours, Span]:
    """Hours, and a window of two days around a change of the clock."""
    name = draw(st.sampled_from(sorted(CHANGES)))
    change = draw(st.sampled_from(CHANGES[name]))
    weekly = tuple(
        WeeklyHours(draw(st.sampled_from([(change + n * DAY).isoweekday() for n in (-1, 0, 1)])), *draw(hours_of_day))
        for _ in range(draw(st.integers(0, 4)))
    )
    exceptions = []
    for _ in range(draw(st.integers(0, 2))):
        first = change + draw(st.integers(-1, 1)) * DAY
        last = first + draw(st.integers(0, 1)) * DAY
        exceptions.append(DayHours(draw(st.sampled_from(ExceptionKind)), first, last, *draw(hours_of_day)))
    start = datetime(change.year, change.month, change.day, tzinfo=UTC) - DAY + draw(st.integers(0, 1439)) * MINUTE
    return Hours(ZoneInfo(name), weekly, tuple(exceptions)), Span(start, start + 2 * DAY)


def shows_open(moment: datetime, hours: Hours) -> bool:
    """What somebody would say who looks at the clock on the wall and at the list of hours."""
    wall = wall_time(moment, hours.zone)
    minute = wall.hour * 60 + wall.minute

    def now(each: WeeklyHours | DayHours) -> bool:
        return each.start_minute <= minute < each.end_minute

    today = [each for each in hours.exceptions if each.first_day <= wall.date() <= each.last_day and now(each)]
    if any(each.kind is ExceptionKind.CLOSED for each in today):
        return False
    return bool(today) or any(each.weekday == wall.isoweekday() and now(each) for each in hours.weekly)


@settings(max_examples=120, deadline=None)
@given(cases())
def test_open_spans__around_changes_of_the_clock__are_open_minute_by_minute(case: tuple[Hours, Span]) -> None:
    hours, window = case
    spans = open_spans(hours, window)

    found = [any(span.start <= moment < span.end for span in spans) for moment in _moments(window)]
    assert found == [shows_open(moment, hours) for moment in _moments(window)]
    assert spans == merged(spans)


@settings(max_examples=60, deadline=None)
@given(cases(), st.sampled_from([15, 30, 45, 60, 90]), st.sampled_from([5, 15, 20, 30, 60]), st.integers(0, 5))
def test_slots__around_changes_of_the_clock__are_those_that_somebody_would_find_by_trying(
    case: tuple[Hours, Span], length: int, every: int, taken_after: int
) -> None:
    hours, window = case
    duration = length * MINUTE
    begins = window.start + taken_after * 7 * HOUR
    taken = Span(begins, begins + 85 * MINUTE)

    free = without(open_spans(hours, window), [taken])
    offered = list(slot_starts(free, duration=duration, every=every, zone=hours.zone))

    opened = {
        moment for moment in _moments(window)
        if shows_open(moment, hours) and not taken.start <= moment < taken.end
    }  # fmt: skip
    assert offered == [
        moment for moment in sorted(opened)
        if (wall := wall_time(moment, hours.zone)) and (wall.hour * 60 + wall.minute) % every == 0
        and all(moment + n * MINUTE in opened for n in range(length))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(2026, 3, 29), "00:00", "03:00"),  # 1:00 to 2:00, then 3:00 to 5:00
        (date(2026, 10, 25), "23:00", "04:00"),  # 1:00 to 5:00, with 2:00 to 3:00 twice
    ],
)
def test_open_spans__one_to_five_on_a_day_that_changes_the_clock__last_three_hours_or_five(
    day: date, begins: str, ends: str
) -> None:
    hours = Hours(ZoneInfo("Europe/Berlin"), (WeeklyHours(7, 60, 300),), ())
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)

    [span] = open_spans(hours, Span(midnight - 2 * HOUR, midnight + 12 * HOUR))

    assert (f"{span.start:%H:%M}", f"{span.end:%H:%M}") == (begins, ends)


def test_open_spans__rules_for_a_season__hold_on_its_first_and_last_day() -> None:
    rule = WeeklyHours(1, 540, 600, date(2026, 6, 1), date(2026, 6, 15))
    june = Span(datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))

    spans = open_spans(Hours(ZoneInfo("UTC"), (rule,), ()), june)

    assert [span.start.date() for span in spans] == [date(2026, 6, 1), date(2026, 6, 8), date(2026, 6, 15)]


def _moments(window: Span) -> list[datetime]:
    count = (window.end - window.start) // MINUTE
    return [window.start + n * MINUTE for n in range(count)]
