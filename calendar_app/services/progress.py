"""What becomes of an event: done, called off, or open again."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from access.types import Principal
from calendar_app.errors import InvalidTransition
from calendar_app.events import CalendarEvent, EventCancelled, EventCompleted, EventReopened, EventUpdated
from calendar_app.models import Event
from calendar_app.services.managed import refuse_if_managed
from calendar_app.services.reminding import schedule_reminder
from calendar_app.services.series import reach
from calendar_app.types import TRANSITIONS, EditScope, EventId, EventStatus
from core.db.changes import save_changes
from events.services import publish


@transaction.atomic
def complete_event(
    *, actor: Principal, event_id: EventId, scope: EditScope | None = None, expected_version: int | None = None
) -> Event:
    """Mark an event as done. Saying it twice changes nothing.

    Raises:
        NotFound: the actor has no such event.
        PreconditionFailed: it is no longer in `expected_version`.
        ManagedElsewhere: it stands for a meeting that is arranged elsewhere.
        InvalidTransition: it is cancelled.
    """
    event = reach(actor=actor, event_id=event_id, scope=scope, expected_version=expected_version)
    become(event, EventStatus.COMPLETED, actor=actor)
    return event


@transaction.atomic
def cancel_event(
    *,
    actor: Principal,
    event_id: EventId,
    reason: str = "",
    scope: EditScope | None = None,
    expected_version: int | None = None,
) -> Event:
    """Call an event off, and keep it with the reason. Saying it twice changes nothing.

    Raises:
        NotFound: the actor has no such event.
        PreconditionFailed: it is no longer in `expected_version`.
        ManagedElsewhere: it stands for a meeting that is arranged elsewhere.
        InvalidTransition: it is completed.
    """
    event = reach(actor=actor, event_id=event_id, scope=scope, expected_version=expected_version)
    become(event, EventStatus.CANCELLED, reason, actor=actor)
    return event


@transaction.atomic
def reopen_event(
    *, actor: Principal, event_id: EventId, scope: EditScope | None = None, expected_version: int | None = None
) -> Event:
    """Make a completed or cancelled event confirmed again. Saying it twice changes nothing.

    Raises:
        NotFound: the actor has no such event.
        PreconditionFailed: it is no longer in `expected_version`.
        ManagedElsewhere: it stands for a meeting that is arranged elsewhere.
    """
    event = reach(actor=actor, event_id=event_id, scope=scope, expected_version=expected_version)
    if not event.is_open:
        become(event, EventStatus.CONFIRMED, actor=actor)
    return event


def status_changes(event: Event, status: EventStatus, reason: str = "") -> dict[str, Any]:
    """The columns to write so that `event` gets `status`; none if it has it.

    Raises:
        InvalidTransition: it cannot get it.
    """
    if event.status == status:
        return {}
    if status not in TRANSITIONS[EventStatus(event.status)]:
        raise InvalidTransition(f"An event that is {event.status} cannot become {status}.")
    return status_columns(status, reason)


def status_columns(status: EventStatus, reason: str = "") -> dict[str, Any]:
    now = timezone.now()
    return {
        "status": status.value,
        "completed_at": now if status is EventStatus.COMPLETED else None,
        "cancelled_at": now if status is EventStatus.CANCELLED else None,
        "cancellation_reason": reason,
    }


def become(event: Event, status: EventStatus, reason: str = "", *, actor: Principal) -> None:
    """Give `event`, and the changed occurrences of a series, another status, and tell of it if it was another.

    Raises:
        ManagedElsewhere: it stands for a meeting, of which this is not the place to say it.
        InvalidTransition: it cannot get it.
    """
    if event.status != status:
        refuse_if_managed(event)
    changes, was_open = status_changes(event, status, reason), event.is_open
    if not changes:
        return
    save_changes(event, **changes)
    if event.reminder_minutes is not None:
        schedule_reminder(event)
    if event.is_series:
        able = [before for before, after in TRANSITIONS.items() if status in after]
        event.changed.filter(status__in=able).update(**changes, updated_at=timezone.now(), rev=F("rev") + 1)
    publish(_told(event, was_open=was_open), actor_id=actor.user_id)


def _told(event: Event, *, was_open: bool) -> CalendarEvent:
    """What is told of the status that `event` has got."""
    if event.status == EventStatus.CANCELLED:
        return EventCancelled.of(event, reason=event.cancellation_reason)
    if event.status == EventStatus.COMPLETED:
        return EventCompleted.of(event)
    return EventUpdated.of(event) if was_open else EventReopened.of(event)
