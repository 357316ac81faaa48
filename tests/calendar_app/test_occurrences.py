"""Days: on which an event stands, for whom."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calendar_app import agenda as arranging
from calendar_app.errors import WindowTooLarge
from calendar_app.models import Event
from calendar_app.occurrences import day_key, day_keys, local_span, stands_in
from calendar_app.services import times
from calendar_app.types import Window
from core.timezones import midnight, wall_time

BERLIN, AUCKLAND, LOS_ANGELES = (
    ZoneInfo(name) for name in ("Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles")
)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"]
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)

SKIPPED_MIDNIGHT = datetime(2010, 9, 25, tzinfo=UTC)  # the day on Samoa after which the clock went from midnight to one


def event_of(starts_at: datetime, length: timedelta, zone: ZoneInfo = BERLIN, *, is_all_day: bool = False) -> Event:
    event = Event(starts_at=starts_at, ends_at=starts_at + length, timezone=str(zone), is_all_day=is_all_day)
    times.settle(event)
    return event


def around(event: Event, zone: ZoneInfo) -> Window:
    return Window(event.starts_at - timedelta(days=3), event.ends_at + timedelta(days=3), zone)


@settings(deadline=None, max_examples=300)
@given(starts=MOMENTS, minutes=st.integers(0, 10_000), zone=ZONES, own=ZONES, is_all_day=st.booleans())
@example(starts=SKIPPED_MIDNIGHT, minutes=0, zone=ZoneInfo("Pacific/Apia"), own=ZoneInfo("UTC"), is_all_day=True)
def test_day_keys__any_event_anywhere__are_the_days_that_it_touches(
    starts: datetime, minutes: int, zone: ZoneInfo, own: ZoneInfo, is_all_day: bool
) -> None:
    event = event_of(starts, timedelta(minutes=minutes), own, is_all_day=is_all_day)

    keys = list(day_keys(event, around(event, zone)))

    begins, ends = local_span(event, zone)
    last = max(begins, ends.astimezone(UTC) - timedelta(microseconds=1))
    assert keys[0] == day_key(zone, event.starts_at, event.is_all_day, event.timezone) == begins.date().isoformat()
    assert keys[-1] == last.astimezone(zone).date().isoformat()
    assert keys == sorted(set(keys))
    if is_all_day:
        days = (wall_time(event.ends_at, own).date() - wall_time(event.starts_at, own).date()).days
        assert len(keys) == days
        assert keys[0] == wall_time(event.starts_at, own).date().isoformat()


@settings(deadline=None, max_examples=200)
@given(starts=MOMENTS, minutes=st.integers(0, 5_000), zone=ZONES, day=st.integers(-3, 6))
def test_days__one_by_one__add_up_to_the_whole(starts: datetime, minutes: int, zone: ZoneInfo, day: int) -> None:
    event = event_of(starts, timedelta(minutes=minutes))
    date = wall_time(starts, zone).date() + timedelta(days=day)
    window = Window(midnight(date, zone), midnight(date + timedelta(days=1), zone), zone)
    if window.start >= window.end:
        return  # a day that a zone skipped, such as 30 December 2011 on Samoa

    keys = list(day_keys(event, window)) if stands_in(event, window) else []

    assert keys == ([date.isoformat()] if date.isoformat() in day_keys(event, around(event, zone)) else [])


@pytest.mark.parametrize("zone", [BERLIN, AUCKLAND, LOS_ANGELES])
def test_all_day__seen_from_anywhere__is_the_same_day(zone: ZoneInfo) -> None:
    event = event_of(datetime(2026, 12, 24, tzinfo=LOS_ANGELES), timedelta(days=2), LOS_ANGELES, is_all_day=True)

    assert list(day_keys(event, around(event, zone))) == ["2026-12-24", "2026-12-25"]
    only = Window(midnight(datetime(2026, 12, 25).date(), zone), midnight(datetime(2026, 12, 26).date(), zone), zone)  # noqa: DTZ001
    assert list(day_keys(event, only)) == ["2026-12-25"]


def test_agenda__of_nothing__has_no_figures() -> None:
    window = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), BERLIN)

    made = arranging.agenda([], window, datetime(2026, 11, 20, tzinfo=UTC))

    assert (made.days, made.changes_at) == ({}, None)
    assert made.metrics == arranging.Metrics(0, 0, 0, {}, {}, None)


def test_agenda__many_long_events__is_refused_before_it_is_shown() -> None:
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), BERLIN)
    long = Event(starts_at=datetime(2020, 1, 1, tzinfo=UTC), ends_at=datetime(2030, 1, 1, tzinfo=UTC))

    assert sum(map(len, arranging.agenda([long] * 27, window, window.start).days.values())) <= arranging.MAX_PLACEMENTS
    with pytest.raises(WindowTooLarge):
        arranging.agenda([long] * 28, window, window.start)
