"""One event: what its status may become, and what is told of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from access.types import Principal
from calendar_app import services
from calendar_app.errors import InvalidTransition
from calendar_app.models import Event
from calendar_app.types import EventId, EventStatus
from core.errors import Invalid, NotFound
from events.models import OutboxEvent
from tests.calendar_app.conftest import NINE, MakeEvent

OPEN = [EventStatus.TENTATIVE, EventStatus.CONFIRMED, EventStatus.IN_PROGRESS]
CLOSED = [EventStatus.COMPLETED, EventStatus.CANCELLED]


def told() -> list[str]:
    return list(OutboxEvent.objects.order_by("occurred_at", "id").values_list("name", flat=True))


def test_events__through_a_life__are_published_with_each_change(actor: Principal, make_event: MakeEvent) -> None:
    event_id = EventId(make_event().id)
    services.update_event(actor=actor, event_id=event_id, title="New")
    services.update_event(actor=actor, event_id=event_id, title="New")
    services.complete_event(actor=actor, event_id=event_id)
    services.complete_event(actor=actor, event_id=event_id)
    services.reopen_event(actor=actor, event_id=event_id)
    services.reopen_event(actor=actor, event_id=event_id)
    services.cancel_event(actor=actor, event_id=event_id, reason="Ill")
    services.delete_event(actor=actor, event_id=event_id)

    names = ["created", "updated", "completed", "reopened", "cancelled", "deleted"]
    assert told() == [f"calendar.event.{name}" for name in names]
    assert OutboxEvent.objects.get(name="calendar.event.cancelled").payload["reason"] == "Ill"
    assert set(OutboxEvent.objects.values_list("actor_id", flat=True)) == {actor.user_id}


def test_update__status__tells_what_the_actions_tell_and_reaches_changed_occurrences(
    actor: Principal, make_event: MakeEvent
) -> None:
    series = make_event(recurrence="FREQ=DAILY;COUNT=3")
    services.update_event(actor=actor, event_id=EventId(series.id, NINE + timedelta(days=1)), title="Changed")
    OutboxEvent.objects.all().delete()

    for status in (EventStatus.COMPLETED, EventStatus.CONFIRMED, EventStatus.CANCELLED):
        services.update_event(actor=actor, event_id=EventId(series.id), status=status)

    assert told() == [f"calendar.event.{name}" for name in ("completed", "reopened", "cancelled")]
    assert set(Event.objects.values_list("status", flat=True)) == {"cancelled"}


@pytest.mark.parametrize("before", EventStatus)
@pytest.mark.parametrize("after", EventStatus)
def test_status__from_each_to_each__is_allowed_or_a_conflict(
    actor: Principal, make_event: MakeEvent, before: EventStatus, after: EventStatus
) -> None:
    event = make_event(status=before)
    allowed = before in OPEN or after in {before, EventStatus.CONFIRMED}

    if not allowed:
        with pytest.raises(InvalidTransition):
            services.update_event(actor=actor, event_id=EventId(event.id), status=after)
    else:
        event = services.update_event(actor=actor, event_id=EventId(event.id), status=after)
        event.refresh_from_db()
        assert event.status == after
        assert (event.completed_at is not None) is (after is EventStatus.COMPLETED)
        assert (event.cancelled_at is not None) is (after is EventStatus.CANCELLED)


@pytest.mark.parametrize("act", [services.complete_event, services.cancel_event, services.delete_event])
def test_stranger__acting__finds_nothing(stranger: Principal, make_event: MakeEvent, act: Callable[..., Any]) -> None:
    event = make_event(visibility="public")

    with pytest.raises(NotFound):
        act(actor=stranger, event_id=EventId(event.id))


def test_create__whole_days__are_stretched_to_midnights(make_event: MakeEvent) -> None:
    event = make_event(
        is_all_day=True, timezone="Europe/Berlin", starts_at=NINE, ends_at=datetime(2026, 11, 21, 22, 59, tzinfo=UTC)
    )

    assert (event.starts_at.isoformat(), event.ends_at.isoformat()) == (
        "2026-11-19T23:00:00+00:00", "2026-11-21T23:00:00+00:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    "times",
    [
        {"starts_at": NINE, "ends_at": NINE - timedelta(seconds=1)},
        {"starts_at": datetime(1600, 1, 1, tzinfo=UTC), "ends_at": NINE},
        {"starts_at": NINE, "ends_at": datetime(9999, 1, 1, tzinfo=UTC)},
        {"starts_at": NINE, "ends_at": NINE + timedelta(days=93), "recurrence": "FREQ=DAILY"},
    ],
)
def test_create__times_that_cannot_be__are_refused(make_event: MakeEvent, times: dict[str, datetime]) -> None:
    with pytest.raises(Invalid):
        make_event(**times)
    assert not Event.objects.exists()
