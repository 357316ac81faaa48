"""What the calendar shows on the home screen."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from access.types import Principal
from calendar_app import cards
from calendar_app.types import EventStatus
from core.contributions.cards import Card, Priority
from tests.calendar_app.conftest import NINE, NOON, MakeEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOUR = timedelta(hours=1)


def brief(event: Any) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "title": event.title,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "event_type": "event",
        "is_all_day": False,
    }


def test_cards__of_an_empty_calendar__are_none(actor: Principal) -> None:
    assert [*cards.today(actor), *cards.next_event(actor), *cards.overdue(actor)] == []


def test_today__some_events__tells_of_those_that_stand(
    actor: Principal, stranger: Principal, make_event: MakeEvent
) -> None:
    first, second = make_event(title="Review"), make_event(title="Lunch", starts_at=NOON + HOUR)
    make_event(title="Cancelled", status=EventStatus.CANCELLED)
    make_event(title="Tomorrow", starts_at=NINE + timedelta(days=1))
    make_event(title="A stranger's", actor=stranger)

    assert list(cards.today(actor)) == [
        Card(
            title="2 events today",
            subtitle="Review, Lunch",
            priority=Priority.TODAY,
            link="calendar",
            data={"day": NOON.date(), "total": 2, "events": [brief(first), brief(second)]},
            expires_at=NOON + 12 * HOUR,
        )
    ]


def test_next_event__of_several__is_the_first_open_one_that_has_not_begun(
    actor: Principal, make_event: MakeEvent
) -> None:
    make_event(title="Over")
    make_event(title="Under way", starts_at=NOON - HOUR / 2)
    make_event(title="Done", starts_at=NOON + HOUR, status=EventStatus.COMPLETED)
    meant = make_event(title="Meant", starts_at=NOON + 2 * HOUR, location="Room 4")
    make_event(title="Later", starts_at=NOON + 3 * HOUR)

    assert list(cards.next_event(actor)) == [
        Card(
            about=str(meant.id),
            title="Meant",
            subtitle="Room 4",
            priority=Priority.SOON,
            link=f"calendar/events/{meant.id}",
            data={**brief(meant), "video_conference_link": ""},
            expires_at=NOON + 2 * HOUR,
        )
    ]


def test_next_event__of_a_series__is_its_occurrence(actor: Principal, make_event: MakeEvent) -> None:
    series = make_event(title="Daily", recurrence="FREQ=DAILY")

    [card] = cards.next_event(actor)

    assert (card.about, card.expires_at) == (f"{series.id}:20261121T090000Z", NINE + timedelta(days=1))


def test_overdue__open_events_that_are_over__are_counted(
    actor: Principal, make_event: MakeEvent, clock: time_machine.Traveller
) -> None:
    late = make_event(title="Late")
    make_event(title="Done", status=EventStatus.COMPLETED)
    make_event(title="Long ago", starts_at=NINE - timedelta(days=40))
    make_event(title="To come", starts_at=NOON + HOUR)

    assert list(cards.overdue(actor)) == [
        Card(
            title="1 event is overdue",
            subtitle="Complete them, or find them another time.",
            priority=Priority.URGENT,
            link="calendar",
            data={"total": 1, "events": [brief(late)]},
        )
    ]


def test_cards__of_fifty_events__cost_one_query_each(
    actor: Principal, make_event: MakeEvent, django_assert_num_queries: Any
) -> None:
    for number in range(50):
        make_event(title=f"Event {number}", starts_at=NINE - timedelta(minutes=number))

    with django_assert_num_queries(3):
        shown = [*cards.today(actor), *cards.next_event(actor), *cards.overdue(actor)]
    assert [(card.data["total"], len(card.data["events"])) for card in shown] == [(50, 5), (50, 5)]
