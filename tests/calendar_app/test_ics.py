"""Calendars as files: out, back in, and read as others read them."""

import time
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar

from access.types import Principal
from calendar_app import ics, occurrences, selectors, services
from calendar_app.models import Event
from calendar_app.services.importing import COLUMNS
from calendar_app.types import EditScope, EventId, ImportOutcome, Window
from tests.calendar_app.conftest import NINE, MakeEvent
from tests.calendar_app.corpus import calendar_file, calendar_files

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def exported(actor: Principal) -> bytes:
    return ics.write(selectors.list_for_export(actor.user_id), name="Gigvora")


def contents(actor: Principal) -> list[tuple[Any, ...]]:
    """Everything that a file should carry."""
    kept = [name for name in COLUMNS if name not in {"completed_at", "cancelled_at"}]
    return sorted(selectors.list_events(actor).values_list("uid", "original_start", *kept), key=repr)


@pytest.fixture
def full_calendar(actor: Principal, make_event: MakeEvent) -> None:
    """A single event with everything, a series with exceptions of every kind, whole days, and closed events."""
    make_event(
        title="Müller, Söhne; \\ Co.", description="Zeile\nZeile 2 🎉" * 50, location="Kantstraße 1",
        timezone="America/New_York", event_type="gig", status="in_progress", visibility="workspace",
        color_hex="#00FF00", focus_mode=True, metadata={"a": {"b": [1, None]}}, reminder_minutes=90,
        related_entity_type="gig", related_entity_id="7", video_conference_link="https://meet.example.com/a?b=c,d",
    )  # fmt: skip
    series = make_event(recurrence="FREQ=WEEKLY;BYDAY=FR;UNTIL=20270301T000000Z", timezone="Europe/Berlin")
    weeks = [EventId(series.id, start) for start in _starts(series, 6)]
    services.update_event(
        actor=actor, event_id=weeks[1], title="Other", starts_at=NINE + 8 * DAY, ends_at=NINE + 9 * DAY
    )
    services.delete_event(actor=actor, event_id=weeks[2])
    services.cancel_event(actor=actor, event_id=weeks[3], reason="Ill, again")
    services.update_event(actor=actor, event_id=weeks[5], scope=EditScope.FOLLOWING, title="New series")
    whole = datetime(2026, 12, 24, tzinfo=BERLIN)
    days = make_event(starts_at=whole, ends_at=whole + 3 * DAY, is_all_day=True, timezone="Europe/Berlin",
                      recurrence="FREQ=YEARLY;COUNT=3")  # fmt: skip
    services.delete_event(actor=actor, event_id=EventId(days.id, datetime(2027, 12, 24, tzinfo=BERLIN)))
    services.complete_event(actor=actor, event_id=EventId(make_event(starts_at=NINE - DAY).id))


def _starts(series: Event, count: int) -> list[datetime]:
    found = occurrences.occurrences(series, series.starts_at, series.starts_at + 400 * DAY)
    return [each.starts_at for each in islice(found, count)]


@pytest.mark.usefixtures("full_calendar")
def test_export__imported_by_somebody_else__is_the_same_calendar(actor: Principal, stranger: Principal) -> None:
    report = services.import_calendar(actor=stranger, data=exported(actor), zone=ZoneInfo("Asia/Tokyo"))

    assert {(each.outcome, *each.changes) for each in report} == {(ImportOutcome.TAKEN,)}
    assert contents(stranger) == contents(actor)


@pytest.mark.usefixtures("full_calendar")
def test_export__imported_back__changes_nothing(actor: Principal) -> None:
    report = services.import_calendar(actor=actor, data=exported(actor), zone=ZoneInfo("Asia/Tokyo"))

    assert {(each.outcome, *each.changes) for each in report} == {(ImportOutcome.UNCHANGED,)}


@pytest.mark.usefixtures("full_calendar")
def test_export__as_others_read_it__has_our_occurrences(actor: Principal) -> None:
    theirs = recurring_ical_events.of(Calendar.from_ical(exported(actor))).between((2026, 11, 1), (2028, 1, 1))
    window = Window(datetime(2026, 11, 1, tzinfo=BERLIN), datetime(2028, 1, 1, tzinfo=BERLIN), BERLIN)
    ours = selectors.list_occurrences(selectors.list_events(actor), window)

    assert sorted((str(entry["SUMMARY"]), _moment(entry["DTSTART"].dt)) for entry in theirs) == sorted(
        (event.title, event.starts_at) for event in ours
    )


UNREADABLE = "the reference library cannot read the file"
ALONE = "a changed occurrence without its series keeps the added starts that it lists"
UNKNOWN_ZONE = "a time zone that is neither known nor defined is the caller's"
# Where the two differ, and why.
DIFFERENT = {
    "america_new_york_forward_reference.ics": UNREADABLE,
    "pacific_fiji.ics": UNREADABLE,
    "invalid_duration.ics": UNREADABLE,
    "issue_104_broken_calendar.ics": UNREADABLE,
    "issue_464_invalid_rdate.ics": UNREADABLE,
    "issue_75_range_parameter.ics": "RANGE=THISANDFUTURE is taken as a change of one occurrence, and that is reported",
    "issue_117_until_before_dtstart.ics": "the first start always counts (RFC 5545, 3.8.5.3)",
    "issue_156_RDATE_with_PERIOD_TZID_khal.ics": ALONE,
    "issue_156_RDATE_with_PERIOD_TZID_khal_2.ics": ALONE,
    "issue_253_additional_recurrence_id.ics": "a changed occurrence that the rule no longer gives is kept",
    "issue_466_respect_unique_timezone.ics": "a zone like no other becomes UTC, and that is reported",
    "issue_526_calendar_with_different_events.ics": UNKNOWN_ZONE,
    "issue_526_calendar_with_event_subset.ics": UNKNOWN_ZONE,
    "issue_526_calendar_with_events.ics": UNKNOWN_ZONE,
    "issue_526_calendar_with_shuffeled_events.ics": UNKNOWN_ZONE,
}


@pytest.mark.parametrize("name", sorted(set(calendar_files()) - set(DIFFERENT)))
def test_occurrences__of_any_real_calendar__are_those_of_the_reference_library(actor: Principal, name: str) -> None:
    data = calendar_file(name)
    if b"BEGIN:VEVENT" not in data:
        return
    report = services.import_calendar(actor=actor, data=data, zone=ZoneInfo("UTC"))
    if any(each.outcome is ImportOutcome.REFUSED for each in report):
        return  # the import's own tests tell why
    years = {moment.year for moment in Event.objects.values_list("starts_at", flat=True)} or {2026}
    for year in {min(years), max(years), 2026}:
        window = Window(datetime(year, 1, 1, tzinfo=ZoneInfo("UTC")), datetime(year + 1, 1, 1, tzinfo=ZoneInfo("UTC")),
                        ZoneInfo("UTC"))  # fmt: skip
        ours = selectors.list_occurrences(selectors.list_events(actor), window)
        theirs = [
            entry for calendar in Calendar.from_ical(data, multiple=True)
            for entry in recurring_ical_events.of(calendar).between(window.start, window.end)
        ]  # fmt: skip
        assert sorted(_seen(event) for event in ours) == sorted(_moment_or_day(entry["DTSTART"].dt) for entry in theirs)


def _seen(event: Event) -> str:
    local = event.starts_at.astimezone(event.zone)
    return f"{local.date()}T00:00:00+00:00" if event.is_all_day else event.starts_at.isoformat()


def _moment(value: date | datetime) -> datetime:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=BERLIN)
    return moment.astimezone(ZoneInfo("UTC"))


def _moment_or_day(value: date | datetime) -> str:
    if not isinstance(value, datetime):
        return f"{value}T00:00:00+00:00"
    return (value.astimezone(ZoneInfo("UTC")) if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))).isoformat()


def test_export__thousand_events__is_quick_enough(actor: Principal, make_event: MakeEvent) -> None:
    one = make_event(timezone="Europe/Berlin", description="x" * 500, recurrence="FREQ=WEEKLY")
    ics.write([one], name="warm")
    began = time.perf_counter()

    written = ics.write([one] * 1000, name="Gigvora")

    assert written.count(b"BEGIN:VEVENT") == 1000
    assert time.perf_counter() - began < 10
