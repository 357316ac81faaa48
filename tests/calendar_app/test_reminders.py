"""Reminders: each is said once, on time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from access.types import Principal
from calendar_app import services
from calendar_app.models import Reminder
from calendar_app.services import reminding
from calendar_app.tasks import remind
from calendar_app.types import EventId, EventSource
from events.models import OutboxEvent
from tests.calendar_app.conftest import NINE, MakeEvent

DAY = timedelta(days=1)


def said() -> list[tuple[str, str]]:
    """The reminders published so far, as occurrence and start."""
    events = OutboxEvent.objects.filter(name="calendar.reminder.due").order_by("occurred_at", "id")
    return [(event.payload["occurrence_id"], event.payload["starts_at"]) for event in events]


def run_at(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        remind()


@pytest.fixture(autouse=True)
def _earlier() -> Any:
    with time_machine.travel(NINE - 2 * DAY, tick=False):
        yield


def test_remind__when_due__says_it_once(make_event: MakeEvent) -> None:
    event = make_event(reminder_minutes=15)

    run_at(NINE - timedelta(minutes=16))
    assert said() == []
    for _ in range(2):
        run_at(NINE - timedelta(minutes=15))

    assert said() == [(str(event.id), "2026-11-20T09:00:00+00:00")]
    assert not Reminder.objects.exists()


def test_remind__series__reminds_of_every_occurrence_but_the_deleted(actor: Principal, make_event: MakeEvent) -> None:
    series = make_event(reminder_minutes=30, recurrence="FREQ=DAILY;COUNT=4")
    services.delete_event(actor=actor, event_id=EventId(series.id, NINE + DAY))
    services.update_event(actor=actor, event_id=EventId(series.id, NINE + 2 * DAY), title="Changed")

    for day in range(5):
        run_at(NINE + day * DAY)

    ids = [str(EventId(series.id, NINE + day * DAY)) for day in (0, 2, 3)]
    assert [occurrence for occurrence, _ in said()] == ids


def test_remind__killed_before_the_end__is_said_by_the_next_run(
    make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_event(reminder_minutes=15)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reminding, "_move_on", die)
        with pytest.raises(KeyboardInterrupt):
            run_at(NINE)
    assert said() == []
    run_at(NINE)

    assert len(said()) == 1


def test_remind__hours_late__keeps_quiet_and_goes_on_with_what_follows(make_event: MakeEvent) -> None:
    make_event(reminder_minutes=0, recurrence="FREQ=DAILY;COUNT=3")

    run_at(NINE + DAY + timedelta(hours=5))
    run_at(NINE + 2 * DAY)

    assert [start for _, start in said()] == ["2026-11-22T09:00:00+00:00"]


@pytest.mark.parametrize("change", ["complete", "cancel", "delete", "forget"])
def test_remind__no_longer_wanted__is_not_said(actor: Principal, make_event: MakeEvent, change: str) -> None:
    event_id = EventId(make_event(reminder_minutes=15).id)
    match change:
        case "complete":
            services.complete_event(actor=actor, event_id=event_id)
        case "cancel":
            services.cancel_event(actor=actor, event_id=event_id)
        case "delete":
            services.delete_event(actor=actor, event_id=event_id)
        case _:
            services.update_event(actor=actor, event_id=event_id, reminder_minutes=None)

    run_at(NINE)

    assert said() == []


def test_remind__moved_event__is_said_at_its_new_time(actor: Principal, make_event: MakeEvent) -> None:
    event = make_event(reminder_minutes=15, source=EventSource.IMPORT)
    services.update_event(
        actor=actor, event_id=EventId(event.id), starts_at=NINE + DAY, ends_at=NINE + DAY + timedelta(hours=1)
    )

    run_at(NINE)
    run_at(NINE + DAY)

    assert [start for _, start in said()] == ["2026-11-21T09:00:00+00:00"]
