"""Recurrence rules: which are accepted, and when they occur."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_app import occurrences
from calendar_app.errors import InvalidRecurrence
from calendar_app.models import Event
from calendar_app.recurrence import check_occurs, expand, last_start, parse, split
from calendar_app.services import times
from calendar_app.types import Window
from core.errors import Invalid
from core.timezones import wall_time

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 11, 20, 8, tzinfo=UTC)  # a Friday, nine in Berlin
FAR = datetime(2099, 1, 1, tzinfo=UTC)

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu"]
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
RULES = st.sampled_from(
    [
        "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SU",
        "FREQ=WEEKLY;INTERVAL=3;WKST=SU;BYDAY=SA,SU", "FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;INTERVAL=5;BYDAY=MO,TU;BYSETPOS=-1", "FREQ=YEARLY",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2,8", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "FREQ=YEARLY;BYYEARDAY=-1",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    ]
)  # fmt: skip


# Where calendars end, zones change and years leap.
EDGES = st.sampled_from(
    ["00010101", "18991231", "19010101", "19010102", "20000229", "20240229", "20991231", "21000101", "99991231"]
)
ENDS = st.one_of(
    st.just(""),
    st.integers(1, 400).map(";COUNT={}".format),
    st.tuples(EDGES, st.sampled_from(["", "T000000", "T235959", "T000000Z", "T235959Z"])).map(
        lambda end: f";UNTIL={end[0]}{end[1]}"
    ),
)
STARTS = st.one_of(
    st.datetimes(datetime(1901, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([1904, 1996, 2000, 2024, 2028, 2096]).map(lambda year: datetime(year, 2, 29, 10, tzinfo=UTC)),
).map(lambda moment: moment.replace(microsecond=0))


@settings(deadline=None, max_examples=300)
@given(
    rule=RULES, end=ENDS, starts=STARTS, is_all_day=st.booleans(),
    zone=st.sampled_from(["UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"]),
)  # fmt: skip
def test_settle__any_series_at_the_ends_of_time__is_taken_or_refused(
    rule: str, end: str, starts: datetime, is_all_day: bool, zone: str
) -> None:
    event = Event(
        starts_at=starts, ends_at=starts + timedelta(hours=1), timezone=zone, is_all_day=is_all_day,
        recurrence=rule + end,
    )  # fmt: skip
    with suppress(Invalid):
        times.settle(event)
        window = Window(event.starts_at - timedelta(days=3), event.ends_at + timedelta(days=3), event.zone)
        assert event.starts_at in [each.starts_at for each in occurrences.overlapping(event, window)]
        assert event.series_ends_at is None or event.series_ends_at >= event.ends_at


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_settle__series_from_a_leap_day__is_taken(frequency: str) -> None:
    leap_day = datetime(2028, 2, 29, 10, tzinfo=UTC)
    event = Event(starts_at=leap_day, ends_at=leap_day + timedelta(hours=1), recurrence=f"FREQ={frequency};COUNT=3")

    times.settle(event)

    assert event.series_ends_at is not None
    assert len(list(occurrences.occurrences(event, leap_day, FAR))) == 3


@pytest.mark.parametrize("until", ["99991231T235959Z", "99991231", "21000101T000000", "20991231"])
def test_until__at_the_end_of_time__is_endless_and_keeps_its_words(until: str) -> None:
    rule = parse(f"FREQ=DAILY;UNTIL={until}")

    assert (rule.until is None) == (until != "20991231")
    assert rule.text == f"FREQ=DAILY;UNTIL={until}"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("RRULE:freq=weekly;byday=mo,we;count=3", "FREQ=WEEKLY;COUNT=3;BYDAY=MO,WE"),
        (" FREQ=DAILY; ", "FREQ=DAILY"),
        ("UNTIL=20261231;FREQ=MONTHLY;BYDAY=-1FR,+1MO", "FREQ=MONTHLY;UNTIL=20261231;BYDAY=-1FR,+1MO"),
    ],
)
def test_parse__spellings__have_one_form(text: str, canonical: str) -> None:
    assert parse(text).text == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", "DAILY", "FREQ=", "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=FORTNIGHTLY", "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=3651", "FREQ=DAILY;COUNT=1e9", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=99999",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101", "FREQ=DAILY;UNTIL=20270230", "FREQ=DAILY;UNTIL=later",
        "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=YEARLY;BYMONTH=13", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=-32", "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6;BYMINUTE=0,1,2,3", "FREQ=DAILY;FREQ=WEEKLY", "FREQ=DAILY;X-FOO=1",
        "RSCALE=CHINESE;FREQ=YEARLY", "FREQ=DAILY;WKST=XX", "FREQ=DAILY;BYMONTH=٣", "FREQ=DAILY" + ";BYMONTH=1" * 60,
    ],
)  # fmt: skip
def test_parse__not_a_rule_of_ours__is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidRecurrence) as refused:
        parse(text)

    assert [(error.pointer, bool(error.message)) for error in refused.value.errors] == [("/recurrence", True)]


@pytest.mark.parametrize(
    ("text", "occurs"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", False),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", False),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=3", False),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", False),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", False),
        ("FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29", True),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", True),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=FR", True),
    ],
)
def test_check_occurs__never_or_rarely__is_told_apart_quickly(text: str, occurs: bool) -> None:
    began = perf_counter()
    try:
        check_occurs(parse(text), wall_time(FIRST.replace(year=2025, day=21), BERLIN))
        found = True
    except InvalidRecurrence:
        found = False

    assert found is occurs
    assert perf_counter() - began < 1


def test_expand__summer_time__keeps_the_hour_on_the_wall() -> None:
    first = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)  # half past two, which the next night does not have

    starts = list(expand(parse("FREQ=DAILY"), first, BERLIN, first, first + timedelta(days=3)))

    assert [start.isoformat()[5:16] for start in starts] == ["03-28T01:30", "03-29T01:30", "03-30T00:30", "03-31T00:30"]


def test_expand__repeated_hour__happens_the_first_time() -> None:
    first = datetime(2026, 10, 24, 0, 30, tzinfo=UTC)  # half past two, which the next night has twice

    starts = list(expand(parse("FREQ=DAILY"), first, BERLIN, first, first + timedelta(days=3)))

    assert [start.isoformat()[5:16] for start in starts] == ["10-24T00:30", "10-25T00:30", "10-26T01:30"]


def test_expand__first_start_in_the_second_of_two_hours__stays_there() -> None:
    first = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    starts = list(expand(parse("FREQ=DAILY;COUNT=2"), first, BERLIN, first, first + timedelta(days=3)))

    assert starts == [first, first + timedelta(days=1)]


def test_expand__far_from_the_first_start__does_not_walk_there() -> None:
    first = datetime(1902, 1, 1, tzinfo=UTC)
    began = perf_counter()

    starts = list(expand(parse("FREQ=DAILY"), first, BERLIN, datetime(2098, 1, 1, tzinfo=UTC), FAR))

    assert len(starts) == 365
    assert perf_counter() - began < 0.1


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("FREQ=DAILY", None),
        ("FREQ=DAILY;COUNT=3", "2026-11-22T08:00:00+00:00"),
        ("FREQ=DAILY;UNTIL=20261225T080000Z", "2026-12-25T08:00:00+00:00"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=11", "2027-04-09T07:00:00+00:00"),
        ("FREQ=DAILY;INTERVAL=100;COUNT=3650", "2099-12-27T08:00:00+00:00"),
        ("FREQ=YEARLY;COUNT=3650", "2099-11-20T08:00:00+00:00"),
    ],
)
def test_last_start__of_a_rule__is_when_it_ends(text: str, last: str | None) -> None:
    found = last_start(parse(text), FIRST, BERLIN)

    assert (found.isoformat() if found else None) == last


@settings(deadline=None, max_examples=150)
@given(rule=RULES, first=MOMENTS, zone=ZONES, ahead=st.integers(0, 4000))
def test_expand__any_window__is_a_part_of_the_whole(rule: str, first: datetime, zone: ZoneInfo, ahead: int) -> None:
    parsed = parse(rule)
    start, end = first + timedelta(days=ahead), first + timedelta(days=ahead + 400)

    whole = list(expand(parsed, first, zone, first, end))
    part = list(expand(parsed, first, zone, start, end))

    assert part == [moment for moment in whole if moment >= start]
    assert all(earlier < later for earlier, later in pairwise(whole))
    assert whole[0] == first


def test_split__first_start_that_the_rule_would_not_give__counts_it() -> None:
    rule = parse("FREQ=WEEKLY;COUNT=4;BYDAY=MO")  # the first is a Friday
    whole = list(expand(rule, FIRST, BERLIN, FIRST, FAR))

    before, after = split(rule, FIRST, BERLIN, whole[2])

    assert len(whole) == 4
    assert (before, after) == ("FREQ=WEEKLY;UNTIL=20261130T075959Z;BYDAY=MO", "FREQ=WEEKLY;COUNT=2;BYDAY=MO")


@settings(deadline=None, max_examples=100)
@given(rule=RULES, first=MOMENTS, zone=ZONES, count=st.integers(3, 12), turn=st.integers(1, 10))
def test_split__anywhere__loses_and_adds_nothing(
    rule: str, first: datetime, zone: ZoneInfo, count: int, turn: int
) -> None:
    text = f"{rule};COUNT={count}"
    whole = list(expand(parse(text), first, zone, first, FAR))
    moment = whole[min(turn, len(whole) - 1)]

    before, after = split(parse(text), first, zone, moment)
    pieces = [*expand(parse(before), first, zone, first, FAR), *expand(parse(after), moment, zone, moment, FAR)]

    assert pieces == whole
