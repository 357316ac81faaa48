"""Taking up calendar files: every file of the corpus, and the odd ones by name."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from access.types import Principal
from calendar_app import ics, selectors, services
from calendar_app.errors import CalendarChanged, CalendarFileTooLarge, InvalidCalendarFile
from calendar_app.ics import reading
from calendar_app.models import Event, Reminder
from calendar_app.services import importing
from calendar_app.types import EditScope, EventId, ImportedEvent, ImportOutcome, Window
from tests.calendar_app.corpus import calendar_file, calendar_files

BERLIN = ZoneInfo("Europe/Berlin")
TAKEN = {ImportOutcome.TAKEN, ImportOutcome.CHANGED}
NO_START = "It has no readable start (DTSTART)."


def take(actor: Principal, data: bytes, zone: ZoneInfo = BERLIN) -> list[ImportedEvent]:
    return services.import_calendar(actor=actor, data=data, zone=zone)


def calendar(*lines: str, head: str = "") -> bytes:
    """A file with one event of these lines beside its UID."""
    return f"BEGIN:VCALENDAR\n{head}BEGIN:VEVENT\nUID:one\n{chr(10).join(lines)}\nEND:VEVENT\nEND:VCALENDAR\n".encode()


def test_import__events_change_while_the_file_is_read__writes_nothing(
    actor: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = calendar("DTSTART:20261123T090000Z", "SUMMARY:Review")
    take(actor, file)
    worked_out = importing._Taking.reminders

    def meanwhile(taking: importing._Taking) -> list[Reminder]:
        Event.objects.update(title="Renamed elsewhere")
        return worked_out(taking)

    monkeypatch.setattr(importing._Taking, "reminders", meanwhile)
    with pytest.raises(CalendarChanged):
        take(actor, file.replace(b"Review", b"Retrospective"))

    assert Event.objects.get().title == "Renamed elsewhere"


def test_import__thousands_of_rules__are_refused_beyond_a_bound(actor: Principal) -> None:
    events = "".join(
        f"BEGIN:VEVENT\nUID:{number}\nDTSTART:20261123T090000Z\nRRULE:FREQ=DAILY;INTERVAL={number + 1}\nEND:VEVENT\n"
        for number in range(importing.MAX_RULES + 10)
    )

    told = take(actor, f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n".encode())

    assert Counter(each.outcome for each in told) == {
        ImportOutcome.TAKEN: importing.MAX_RULES,
        ImportOutcome.REFUSED: 10,
    }
    assert {each.reason for each in told} == {"", "The file holds more than 500 different rules."}


def test_corpus__as_installed__is_large() -> None:
    assert len(calendar_files()) > 200


@pytest.mark.parametrize("name", sorted(calendar_files()))
def test_import__any_real_file__reports_every_event_and_again_changes_nothing(actor: Principal, name: str) -> None:
    data = calendar_file(name)
    blocks = len(re.findall(rb"^BEGIN:VEVENT\s*$", data, re.MULTILINE | re.IGNORECASE))
    if b"BEGIN:VCALENDAR" not in data and not blocks:
        with pytest.raises(InvalidCalendarFile):
            take(actor, data)
        return

    first = take(actor, data)
    kept = list(Event.objects.order_by("id").values())
    second = take(actor, data)

    assert len(first) == blocks
    assert [each.index for each in first] == list(range(blocks))
    assert all(each.reason for each in first if each.outcome is ImportOutcome.REFUSED)
    assert all(each.changes for each in first if each.outcome is ImportOutcome.CHANGED)
    assert sum(each.outcome in TAKEN for each in first) == len(kept)
    assert {each.outcome for each in second} <= {ImportOutcome.UNCHANGED, ImportOutcome.REFUSED}
    assert list(Event.objects.order_by("id").values()) == kept


@pytest.mark.parametrize(
    ("name", "outcomes", "told"),
    [
        ("Germany.ics", {"taken": 159}, set()),
        ("issue_173_only_modifications_error.ics", {"taken": 669, "changed": 8},
         {"the series it belongs to is missing, so it stands alone"}),
        ("issue_218_bad_tzid.ics", {"changed": 1}, {"time zone 'UTC+11' became UTC"}),
        ("issue_237_fail_to_parse_timezone_with_non_ascii_tzid.ics", {"changed": 1},
         {"there was no UID", "time zone '(UTC-03:00) Brasília' became UTC"}),
        ("issue_156_RDATE_with_PERIOD_TZID_khal_2.ics", {"changed": 1},
         {"attendees are not kept", "time zone 'Western/Central Europe' became Europe/Berlin",
          "added occurrences last as long as the first", "it changes one occurrence, not the following ones",
          "the series it belongs to is missing, so it stands alone"}),
        ("pacific_fiji.ics", {"changed": 1}, {"time zone 'custom_Pacific/Fiji' became Pacific/Fiji"}),
        ("america_new_york.ics", {"changed": 1}, {"time zone 'custom_America/New_York' became America/New_York"}),
        ("issue_722_missing_VTIMEZONE_custom.ics", {"changed": 1},
         {"there was no UID", "time zone 'CUSTOM_tzid' is unknown and became Europe/Berlin"}),
        ("issue_313_globally_unique_tzid.ics", {"taken": 3}, set()),
        ("issue_466_convert_tzid_with_slash.ics", {"taken": 1}, set()),
        ("broken_dtstart.ics", {"refused": 1}, {NO_START}),
        ("issue_1081_invalid_rrule_freq.ics", {"refused": 1}, {"Its recurrence rule (RRULE) cannot be read."}),
        ("invalid_duration.ics", {"changed": 1}, {"DURATION cannot be read"}),
        ("issue_464_invalid_rdate.ics", {"changed": 1}, {"RDATE cannot be read"}),
        ("bad_rrule_missing_until_event.ics", {"refused": 1}, {"UNTL is not supported."}),
        ("issue_128_only_first_event.ics", {"refused": 1}, {"there was no UID", "COUNT must be from 1 to 3650."}),
        ("multiple_rrule.ics", {"refused": 1}, {"It has more than one recurrence rule (RRULE)."}),
        ("rfc_7529.ics", {"refused": 4}, {"RSCALE is not supported."}),
        ("end_before_start_event.ics", {"changed": 1}, {"it ended before it started, so the two were swapped"}),
        ("duration.ics", {"changed": 3}, {"there was no UID"}),
        ("discourse_no_dtend.ics", {"changed": 4}, {"the link is not a web address"}),
        ("zero_size_event.ics", {"taken": 1}, set()),
        ("issue_163_deleted_modification.ics", {"taken": 2, "refused": 1},
         {"The file holds this event more than once."}),
        ("issue_75_range_parameter.ics", {"taken": 2, "changed": 2},
         {"it changes one occurrence, not the following ones"}),
        ("alarm_absolute.ics", {"changed": 1}, {"alarms are kept that ring before the start, by four weeks at most"}),
        ("multiple_timezones.ics", {"refused": 3}, {"One of its times is neither a day nor a moment."}),
        ("big_bad_calendar.ics", {"refused": 20}, {"there was no UID", NO_START}),
        ("pr_480_summary_with_colon.ics", {"refused": 2}, {"there was no UID", NO_START}),
        ("multiple_calendar_components.ics", {"refused": 1, "taken": 2}, {"there was no UID", NO_START}),
    ],
)  # fmt: skip
def test_import__odd_file__has_this_outcome(
    actor: Principal, name: str, outcomes: dict[str, int], told: set[str]
) -> None:
    report = take(actor, calendar_file(name))

    assert Counter(each.outcome.value for each in report) == outcomes
    assert {words for each in report for words in (*each.changes, each.reason) if words} == told


BEYOND = "{} names times outside of the years 1901 to 2099, which were left out"


@pytest.mark.parametrize(
    ("lines", "outcome", "told"),
    [
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:00010101T000000Z"], "changed", [BEYOND.format("EXDATE")]),
        (["RRULE:FREQ=DAILY", "EXDATE:09000101T000000Z,20261124T090000Z"], "changed", [BEYOND.format("EXDATE")]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:99991231T235959Z"], "changed", [BEYOND.format("EXDATE")]),
        (["RDATE:00010101T000000Z"], "changed", [BEYOND.format("RDATE")]),
        (["RDATE;VALUE=DATE:99991231"], "changed", [BEYOND.format("RDATE")]),
        (["RRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z"], "taken", []),
        (["RRULE:FREQ=WEEKLY;UNTIL=00010101"], "taken", []),
        (["RECURRENCE-ID:99991231T235959Z"], "refused", ["One of its times lies outside of the years 1901 to 2099."]),
    ],
)
def test_import__times_that_no_calendar_reaches__harm_neither_the_file_nor_what_is_read_later(
    actor: Principal, lines: list[str], outcome: str, told: list[str]
) -> None:
    odd = calendar("DTSTART:20261123T090000Z", "DTEND:20261123T100000Z", *lines)
    good = "BEGIN:VEVENT\nUID:two\nDTSTART:20261124T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"

    report = take(actor, odd.replace(b"END:VCALENDAR\n", good.encode()))

    assert [each.outcome.value for each in report] == [outcome, "taken"]
    assert [*report[0].changes, *filter(None, [report[0].reason])] == told
    window = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC), BERLIN)
    assert selectors.list_occurrences(selectors.list_events(actor), window)
    assert ics.write(selectors.list_for_export(actor.user_id), name="Gigvora")
    for event in Event.objects.filter(uid="one"):
        moved = {"starts_at": event.starts_at + timedelta(days=1), "ends_at": event.ends_at + timedelta(days=1)}
        for change in (moved, {"timezone": "Pacific/Kiritimati"}):
            services.update_event(actor=actor, event_id=EventId(event.id), scope=EditScope.ALL, **change)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:zz", "END:VALARM"],
         "alarms are kept that ring before the start, by four weeks at most"),
        (["RECURRENCE-ID;TZID=Europe:20261123T100000"], "a time zone is unknown and became Europe/Berlin"),
        ([f"RECURRENCE-ID;TZID={'a' * 300}:20261123T100000"], "a time zone is unknown and became Europe/Berlin"),
    ],
)  # fmt: skip
def test_import__one_part_that_cannot_be_read__costs_that_part_alone(
    actor: Principal, lines: list[str], told: str
) -> None:
    [report] = take(actor, calendar("SUMMARY:Review", "DTSTART:20261123T090000Z", *lines))

    assert (report.outcome, report.summary, report.uid[:3]) == (ImportOutcome.CHANGED, "Review", "one")
    assert told in report.changes


def test_import__more_broken_lines_than_are_tried__costs_the_events_that_have_them(
    actor: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_TRIED_LINES", 10)
    tried: list[str] = []
    parsed = reading._parsed_as

    def counted(kind: Any, text: str) -> Any:
        tried.append(text)
        return parsed(kind, text)

    monkeypatch.setattr(reading, "_parsed_as", counted)
    broken = "DTSTART:20261123T090000Z\nRECURRENCE-ID;TZID=Europe:20261123T100000\nX-A:1\n"
    events = [f"BEGIN:VEVENT\nUID:{uid}\n{broken}END:VEVENT\n" for uid in ("one", "two", "three", "four")]
    sound = "BEGIN:VEVENT\nUID:five\nDTSTART:20261123T090000Z\nEND:VEVENT\n"

    report = take(actor, f"BEGIN:VCALENDAR\n{''.join(events)}{sound}END:VCALENDAR\n".encode())

    outcomes = [each.outcome for each in report]
    assert outcomes == [*[ImportOutcome.CHANGED] * 2, *[ImportOutcome.REFUSED] * 2, ImportOutcome.TAKEN]
    assert len(tried) < 25


@pytest.mark.parametrize("zone", ["Europe", "a" * 300])
def test_import__start_in_a_zone_that_cannot_be__stands_at_home(actor: Principal, zone: str) -> None:
    [report] = take(actor, calendar("SUMMARY:Review", f"DTSTART;TZID={zone}:20261123T100000"))

    assert report.changes == ["a time zone is unknown and became Europe/Berlin"]
    assert Event.objects.get().starts_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_import__birthday_on_a_leap_day__is_taken(actor: Principal) -> None:
    event = first_event(actor, "DTSTART;VALUE=DATE:19960229", "RRULE:FREQ=YEARLY")

    assert (event.recurrence, event.series_ends_at) == ("FREQ=YEARLY", None)


def first_event(actor: Principal, *lines: str, head: str = "") -> Any:
    take(actor, calendar(*lines, head=head))
    return Event.objects.get()


@pytest.mark.parametrize(
    ("line", "head", "start", "zone"),
    [
        ("DTSTART:20261120T090000", "", "2026-11-20T08:00:00", "Europe/Berlin"),
        ("DTSTART:20261120T090000", "X-WR-TIMEZONE:America/New_York\n", "2026-11-20T14:00:00", "America/New_York"),
        ("DTSTART:20261120T090000Z", "", "2026-11-20T09:00:00", "UTC"),
        ("DTSTART:20261120T090000Z", "X-WR-TIMEZONE:Asia/Tokyo\n", "2026-11-20T09:00:00", "Asia/Tokyo"),
        ("DTSTART;TZID=W. Europe Standard Time:20261120T090000", "", "2026-11-20T08:00:00", "Europe/Berlin"),
        ("DTSTART;TZID=Eastern Standard Time:20260720T090000", "", "2026-07-20T13:00:00", "America/New_York"),
        ("DTSTART;TZID=/mozilla.org/20070129_1/Asia/Tokyo:20261120T090000", "", "2026-11-20T00:00:00", "Asia/Tokyo"),
        ("DTSTART;VALUE=DATE:20261120", "", "2026-11-19T23:00:00", "Europe/Berlin"),
    ],
)
def test_import__time_of_any_kind__is_the_right_moment(
    actor: Principal, line: str, head: str, start: str, zone: str
) -> None:
    event = first_event(actor, line, "SUMMARY:x", head=head)

    assert (event.starts_at.isoformat(), event.timezone) == (f"{start}+00:00", zone)


def test_import__other_programs_properties__find_their_fields(actor: Principal) -> None:
    event = first_event(
        actor, "DTSTART:20261120T090000Z", "DURATION:PT90M", "SUMMARY:Talk\\, at nine", "LOCATION:Room 1",
        "STATUS:TENTATIVE", "CLASS:PUBLIC", "CONFERENCE;VALUE=URI:https://meet.example.com/1",
        "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT20M", "END:VALARM", "X-GIGVORA-STATUS:hacked",
        "X-GIGVORA-METADATA:[1]", "X-GIGVORA-COLOR:red",
    )  # fmt: skip

    assert (event.title, event.location, event.status, event.visibility) == (
        "Talk, at nine", "Room 1", "tentative", "private",
    )  # fmt: skip
    assert (event.duration.seconds, event.reminder_minutes) == (5400, 20)
    assert (event.video_conference_link, event.metadata, event.color_hex) == ("https://meet.example.com/1", {}, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_import__wrong_encoding__keeps_the_letters(actor: Principal, encoding: str) -> None:
    take(actor, calendar("DTSTART:20261120T090000Z", "SUMMARY:Müller").decode().encode(encoding))

    assert Event.objects.get().title == "Müller"


def test_import__huge_and_dirty_text__is_cut_and_cleaned(actor: Principal) -> None:
    report = take(
        actor, calendar("DTSTART:20261120T090000Z", "SUMMARY:a\x00b\x07\u202ec", "DESCRIPTION:" + "x" * 300_000)
    )

    event = Event.objects.get()
    assert (event.title, len(event.description)) == ("abc", 10_000)
    assert (report[0].outcome, report[0].changes) == (
        ImportOutcome.CHANGED,
        ["description was cut to 10,000 characters"],
    )


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=DAILY;COUNT=999999", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;INTERVAL=99"],
)
def test_import__malicious_rule__is_refused_and_spoils_nothing(actor: Principal, rule: str) -> None:
    file = calendar("DTSTART:20261120T090000Z", f"RRULE:{rule}", "SUMMARY:bad", "END:VEVENT", "BEGIN:VEVENT",
                    "UID:two", "DTSTART:20261121T090000Z", "SUMMARY:good")  # fmt: skip

    report = take(actor, file)

    assert [each.outcome for each in report] == [ImportOutcome.REFUSED, ImportOutcome.TAKEN]
    assert [event.title for event in Event.objects.all()] == ["good"]


@pytest.mark.parametrize(
    ("rule", "outcomes"),
    [
        ("FREQ=DAILY;COUNT=3650", {"taken": 40}),
        ("FREQ=WEEKLY;COUNT=3650;BYDAY=MO,TU,WE,TH,FR,SA,SU", {"taken": 27, "refused": 13}),
    ],
)
def test_import__many_long_counts__is_bounded(actor: Principal, rule: str, outcomes: dict[str, int]) -> None:
    lines = "".join(
        f"BEGIN:VEVENT\nUID:{number}\nDTSTART:20261120T0900{number:02}Z\nRRULE:{rule}\nSUMMARY:x\nEND:VEVENT\n"
        for number in range(40)
    )

    report = take(actor, f"BEGIN:VCALENDAR\n{lines}END:VCALENDAR\n".encode())

    assert Counter(each.outcome.value for each in report) == outcomes
    assert {each.reason for each in report} <= {"", "The file counts more than 100,000 occurrences (COUNT)."}


def test_import__changed_file__updates_and_keeps_what_is_ours(actor: Principal) -> None:
    take(actor, calendar("DTSTART:20261120T090000Z", "SUMMARY:Old"))
    event = Event.objects.get()
    services.complete_event(actor=actor, event_id=EventId(event.id))
    services.update_event(actor=actor, event_id=EventId(event.id), color_hex="#FFFFFF", reminder_minutes=5)

    report = take(actor, calendar("DTSTART:20261120T100000Z", "SUMMARY:New", "STATUS:CONFIRMED"))

    event.refresh_from_db()
    assert [each.outcome for each in report] == [ImportOutcome.UPDATED]
    assert (event.title, event.starts_at.hour, event.status) == ("New", 10, "completed")
    assert (event.color_hex, event.reminder_minutes, event.rev) == ("#FFFFFF", 5, 4)


def test_import__two_people_one_file__have_their_own_events(actor: Principal, stranger: Principal) -> None:
    file = calendar_file("Germany_Holidays.ics")

    assert {each.outcome for each in (*take(actor, file), *take(stranger, file))} <= TAKEN
    assert selectors.list_events(actor).count() == selectors.list_events(stranger).count() == 34


@pytest.mark.parametrize("data", [b"", b"hello", b"{}", b"\xff\xfe", b"BEGIN:VCARD\nEND:VCARD", b"\x00" * 100])
def test_import__no_calendar__is_refused(actor: Principal, data: bytes) -> None:
    with pytest.raises(InvalidCalendarFile):
        take(actor, data)


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR\n" + b"x" * ics.MAX_BYTES,
        b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 5_001,
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + b"X-A:1\n" * 150_001,
    ],
)
def test_import__too_large__is_refused(actor: Principal, data: bytes) -> None:
    with pytest.raises(CalendarFileTooLarge):
        take(actor, data)


def test_import__fifty_or_five_hundred_events__costs_as_many_queries(
    actor: Principal, django_assert_max_num_queries: Any
) -> None:
    def file(start: int, count: int) -> bytes:
        events = "".join(
            f"BEGIN:VEVENT\nUID:{number}\nDTSTART:20261120T090000Z\nSUMMARY:{number}\n"
            "BEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT\n"
            for number in range(start, start + count)
        )
        return f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n".encode()

    with django_assert_max_num_queries(60) as few:
        take(actor, file(0, 2))
    with django_assert_max_num_queries(60) as many:
        take(actor, file(1000, 500))

    assert len(many) <= len(few) + 50  # SQLite takes few rows per statement
