"""Series: how far a change to one occurrence reaches."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from access.types import Principal
from calendar_app import selectors, services
from calendar_app.errors import InvalidRecurrence, WindowTooLarge
from calendar_app.models import Event
from calendar_app.types import EditScope, EventId, EventStatus, Visibility, Window
from core.errors import Invalid, NotFound, PreconditionFailed
from tests.calendar_app.conftest import NINE, MakeEvent

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
DAILY = "FREQ=DAILY;COUNT=5"

Agenda = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def agenda(actor: Principal) -> Agenda:
    """What stands in the fortnight from 20 November, as `day and hour` in UTC and title."""
    window = Window(NINE - DAY, NINE + 14 * DAY, BERLIN)

    def look() -> list[tuple[str, str]]:
        found = selectors.list_occurrences(selectors.list_events(actor), window)
        return [(f"{event.starts_at:%d-%H}", event.title) for event in found]

    return look


def occurrence(series: Event, number: int) -> EventId:
    return EventId(series.id, series.starts_at + number * DAY)


def test_update__this__changes_one_occurrence_and_keeps_its_id(
    actor: Principal, make_event: MakeEvent, agenda: Agenda
) -> None:
    series = make_event(recurrence=DAILY)
    third = occurrence(series, 2)

    services.update_event(actor=actor, event_id=third, title="Moved", starts_at=NINE + 2 * DAY + timedelta(hours=3),
                          ends_at=NINE + 2 * DAY + timedelta(hours=4))  # fmt: skip

    assert agenda() == [
        ("20-09", "Review"), ("21-09", "Review"), ("22-12", "Moved"), ("23-09", "Review"), ("24-09", "Review"),
    ]  # fmt: skip
    assert selectors.get_occurrence(actor, third).public_id == str(third)


def test_update__this_twice__keeps_one_row(actor: Principal, make_event: MakeEvent, agenda: Agenda) -> None:
    series = make_event(recurrence=DAILY)

    services.update_event(actor=actor, event_id=occurrence(series, 1), title="Once")
    services.update_event(actor=actor, event_id=occurrence(series, 1), title="Twice")

    assert [title for _, title in agenda()] == ["Review", "Twice", "Review", "Review", "Review"]
    assert Event.objects.count() == 2


def test_update__following__splits_the_series_and_takes_changes_along(
    actor: Principal, make_event: MakeEvent, agenda: Agenda
) -> None:
    series = make_event(recurrence=DAILY)
    services.update_event(actor=actor, event_id=occurrence(series, 1), title="Early exception")
    services.update_event(actor=actor, event_id=occurrence(series, 3), title="Late exception")
    services.delete_event(actor=actor, event_id=occurrence(series, 4))

    later = services.update_event(
        actor=actor,
        event_id=occurrence(series, 2),
        scope=EditScope.FOLLOWING,
        title="New",
        starts_at=NINE + 2 * DAY + timedelta(hours=1),
        ends_at=NINE + 2 * DAY + timedelta(hours=2),
    )

    assert agenda() == [
        ("20-09", "Review"), ("21-09", "Early exception"), ("22-10", "New"), ("23-09", "Late exception"),
    ]  # fmt: skip
    series.refresh_from_db()
    assert (series.recurrence, later.recurrence) == ("FREQ=DAILY;UNTIL=20261122T085959Z", "FREQ=DAILY;COUNT=3")
    moved = Event.objects.get(title="Late exception")
    assert moved.series_id == later.id
    assert moved.public_id == str(EventId(later.id, NINE + 3 * DAY + timedelta(hours=1)))


def test_update__all_through_an_occurrence__moves_every_occurrence_by_as_much(
    actor: Principal, make_event: MakeEvent, agenda: Agenda
) -> None:
    series = make_event(recurrence=DAILY, timezone="Europe/Berlin")
    services.delete_event(actor=actor, event_id=occurrence(series, 1))

    services.update_event(
        actor=actor,
        event_id=occurrence(series, 2),
        scope=EditScope.ALL,
        starts_at=NINE + 2 * DAY - timedelta(hours=1),
        ends_at=NINE + 2 * DAY + timedelta(hours=1),
    )

    assert [start for start, _ in agenda()] == ["20-08", "22-08", "23-08", "24-08"]
    series.refresh_from_db()
    assert series.duration == timedelta(hours=2)


@pytest.mark.parametrize("scope", [EditScope.ALL, EditScope.FOLLOWING])
def test_update__day_moved_of_a_rule_that_names_weekdays__lets_them_follow(
    actor: Principal, make_event: MakeEvent, agenda: Agenda, scope: EditScope
) -> None:
    first = NINE.strftime("%A")[:2].upper()
    series = make_event(recurrence=f"FREQ=WEEKLY;BYDAY={first};COUNT=2")
    moved = EventId(series.id, NINE + 7 * DAY)

    services.update_event(
        actor=actor, event_id=moved, scope=scope, starts_at=NINE + 8 * DAY, ends_at=NINE + 8 * DAY + timedelta(hours=1)
    )

    first_day = 1 if scope is EditScope.ALL else 0
    assert [start for start, _ in agenda()] == [(NINE + days * DAY).strftime("%d-%H") for days in (first_day, 8)]


def test_update__day_moved_of_a_rule_that_names_dates__is_refused(actor: Principal, make_event: MakeEvent) -> None:
    series = make_event(recurrence=f"FREQ=MONTHLY;BYMONTHDAY={NINE.day};COUNT=3")

    with pytest.raises(InvalidRecurrence):
        services.update_event(
            actor=actor,
            event_id=EventId(series.id),
            starts_at=series.starts_at + DAY,
            ends_at=series.ends_at + DAY,
        )


def test_delete__last_occurrence_of_all__leaves_no_series(actor: Principal, make_event: MakeEvent) -> None:
    series = make_event(recurrence="FREQ=DAILY;COUNT=2")

    services.delete_event(actor=actor, event_id=occurrence(series, 1))
    assert Event.objects.count() == 1
    services.delete_event(actor=actor, event_id=occurrence(series, 0))

    assert not Event.objects.exists()


@pytest.mark.parametrize("days", [1, -1])
def test_update__all_moved_onto_each_others_places__keeps_the_changes(
    actor: Principal, make_event: MakeEvent, agenda: Agenda, days: int
) -> None:
    series = make_event(starts_at=NINE + DAY, recurrence=DAILY)
    for number in (1, 2):
        services.update_event(actor=actor, event_id=occurrence(series, number), title=f"Changed {number}")

    services.update_event(
        actor=actor,
        event_id=EventId(series.id),
        starts_at=series.starts_at + days * DAY,
        ends_at=series.ends_at + days * DAY,
    )

    assert sorted(title for _, title in agenda()) == ["Changed 1", "Changed 2", "Review", "Review", "Review"]
    assert list(Event.objects.exclude(series=None).order_by("title").values_list("original_start", flat=True)) == [
        series.starts_at + (number + days) * DAY for number in (1, 2)
    ]


def test_update__rule_removed__leaves_the_first(actor: Principal, make_event: MakeEvent, agenda: Agenda) -> None:
    series = make_event(recurrence=DAILY)
    services.update_event(actor=actor, event_id=occurrence(series, 1), title="Exception")

    services.update_event(actor=actor, event_id=EventId(series.id), recurrence="")

    assert agenda() == [("20-09", "Review")]


def test_update__one_occurrence_with_a_rule__is_refused(actor: Principal, make_event: MakeEvent) -> None:
    series = make_event(recurrence=DAILY)

    with pytest.raises(Invalid):
        services.update_event(actor=actor, event_id=occurrence(series, 1), recurrence="FREQ=WEEKLY")
    assert Event.objects.count() == 1


def test_update__series_with_scope_this__asks_for_an_occurrence(actor: Principal, make_event: MakeEvent) -> None:
    series = make_event(recurrence=DAILY)

    with pytest.raises(Invalid) as refused:
        services.update_event(actor=actor, event_id=EventId(series.id), scope=EditScope.THIS, title="?")
    assert refused.value.errors[0].pointer == "/scope"


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        (EditScope.THIS, ["20-09", "22-09", "23-09", "24-09"]),
        (EditScope.FOLLOWING, ["20-09"]),
        (EditScope.ALL, []),
    ],
)
def test_delete__occurrence__reaches_as_far_as_said(
    actor: Principal, make_event: MakeEvent, agenda: Agenda, scope: EditScope, left: list[str]
) -> None:
    series = make_event(recurrence=DAILY)

    services.delete_event(actor=actor, event_id=occurrence(series, 1), scope=scope)

    assert [start for start, _ in agenda()] == left


def test_delete__changed_occurrence__does_not_bring_the_original_back(
    actor: Principal, make_event: MakeEvent, agenda: Agenda
) -> None:
    series = make_event(recurrence=DAILY)
    services.update_event(actor=actor, event_id=occurrence(series, 1), title="Exception")

    services.delete_event(actor=actor, event_id=occurrence(series, 1))

    assert [start for start, _ in agenda()] == ["20-09", "22-09", "23-09", "24-09"]
    with pytest.raises(NotFound):
        selectors.get_occurrence(actor, occurrence(series, 1))


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [
        (EditScope.THIS, ["confirmed", "completed", "confirmed", "confirmed", "confirmed"]),
        (EditScope.FOLLOWING, ["confirmed", *["completed"] * 4]),
        (EditScope.ALL, ["completed"] * 5),
    ],
)
def test_complete__occurrence__reaches_as_far_as_said(
    actor: Principal, make_event: MakeEvent, scope: EditScope, statuses: list[str]
) -> None:
    series = make_event(recurrence=DAILY)
    services.update_event(actor=actor, event_id=occurrence(series, 3), title="Exception")

    services.complete_event(actor=actor, event_id=occurrence(series, 1), scope=scope)

    window = Window(NINE - DAY, NINE + 14 * DAY, BERLIN)
    found = selectors.list_occurrences(selectors.list_events(actor), window)
    assert [event.status for event in found] == statuses
    assert {event.completed_at is not None for event in found if event.status == EventStatus.COMPLETED} == {True}


def test_occurrence__that_is_none__is_not_found(actor: Principal, make_event: MakeEvent) -> None:
    series = make_event(recurrence=DAILY)
    nothing = EventId(series.id, NINE + timedelta(minutes=1))

    with pytest.raises(NotFound):
        services.complete_event(actor=actor, event_id=nothing)
    with pytest.raises(NotFound):
        selectors.get_occurrence(actor, nothing)


def test_occurrence__of_a_single_event__is_none(actor: Principal, make_event: MakeEvent) -> None:
    event = make_event()

    with pytest.raises(NotFound):
        services.complete_event(actor=actor, event_id=EventId(event.id, NINE))
    assert Event.objects.count() == 1


def test_occurrence__if_it_changed_since__is_refused(actor: Principal, make_event: MakeEvent) -> None:
    series = make_event(recurrence=DAILY)
    one = occurrence(series, 1)
    version = selectors.get_occurrence(actor, one).rev

    changed = services.update_event(actor=actor, event_id=one, expected_version=version, title="Mine")

    with pytest.raises(PreconditionFailed):
        services.update_event(actor=actor, event_id=one, expected_version=changed.rev - 1, title="Too late")


def test_series__across_summer_time__keeps_its_hour_on_the_wall(actor: Principal, make_event: MakeEvent) -> None:
    start = datetime(2026, 3, 27, 8, tzinfo=UTC)  # nine in Berlin
    make_event(starts_at=start, recurrence="FREQ=DAILY", timezone="Europe/Berlin", visibility=Visibility.PRIVATE)

    found = selectors.list_occurrences(selectors.list_events(actor), Window(start, start + 4 * DAY, BERLIN))

    assert [event.starts_at.hour for event in found] == [8, 8, 7, 7, 7]
    assert {event.starts_at.astimezone(BERLIN).hour for event in found} == {9}


def test_split__all_day__ends_and_begins_on_the_right_days(
    actor: Principal, make_event: MakeEvent, agenda: Agenda
) -> None:
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 11, 20, tzinfo=zone)
    series = make_event(starts_at=start, ends_at=start + DAY, is_all_day=True, timezone=str(zone), recurrence=DAILY)

    services.update_event(actor=actor, event_id=occurrence(series, 2), scope=EditScope.FOLLOWING, title="New")

    assert [title for _, title in agenda()] == ["Review", "Review", "New", "New", "New"]


def test_list_occurrence_rows__events_of_any_kind__what_their_instances_hold(
    make_event: MakeEvent, actor: Principal
) -> None:
    make_event(title="Single")
    make_event(title="Series", recurrence="FREQ=DAILY;COUNT=5")
    make_event(title="Before", starts_at=NINE - 9 * DAY)
    midnight = NINE.replace(hour=0)
    make_event(title="Whole day", starts_at=midnight, ends_at=midnight + DAY, is_all_day=True)
    window = Window(NINE - DAY, NINE + 3 * DAY, BERLIN)
    columns = ("title", "public_id", "series_id", "metadata")

    rows = selectors.list_occurrence_rows(selectors.list_events(actor), window, columns)
    instances = selectors.list_occurrences(selectors.list_events(actor), window)

    assert [tuple(row) for row in rows] == [
        tuple(getattr(event, name) for name in (*columns, "starts_at", "public_id")) for event in instances
    ]
    assert {row[0] for row in rows} == {"Single", "Series", "Whole day"}


def test_list_occurrence_rows__more_than_may_be_shown__refused(
    make_event: MakeEvent, actor: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "MAX_OCCURRENCES", 2)
    for number in range(3):
        make_event(title=str(number))

    with pytest.raises(WindowTooLarge):
        selectors.list_occurrence_rows(selectors.list_events(actor), Window(NINE - DAY, NINE + DAY, BERLIN), ("title",))
