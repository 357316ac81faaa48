"""Creating, changing and deleting events."""

from copy import copy
from typing import Any, Unpack
from uuid import UUID

from django.db import transaction

from access.types import Principal
from accounts.selectors import find_home_workspace
from calendar_app import occurrences
from calendar_app.delegation import share_of_calendar
from calendar_app.events import EventCreated, EventDeleted, EventUpdated
from calendar_app.models import Event
from calendar_app.services import series as repeating
from calendar_app.services import times
from calendar_app.services.managed import refuse_if_managed, refuse_to_change_meeting
from calendar_app.services.progress import become, status_changes
from calendar_app.services.reminding import schedule_first_reminder, schedule_reminder
from calendar_app.types import EditScope, EventFields, EventId, EventSource, EventStatus, ShareLevel
from core.db.changes import save_changes
from core.db.instances import insert
from core.errors import Invalid
from events.services import publish

_WHEN = {"starts_at", "ends_at", "is_all_day", "timezone", "recurrence"}
_SETTLED = ("starts_at", "ends_at", "recurrence", "extra_starts", "excluded_starts", "is_series", "series_ends_at")


@transaction.atomic
def create_event(
    *,
    actor: Principal,
    owner_id: UUID | None = None,
    source: EventSource = EventSource.MANUAL,
    **fields: Unpack[EventFields],
) -> Event:
    """Put a new event into the actor's calendar, or into that of `owner_id`, who lets the actor edit it.

    Raises:
        NotFound: the actor may not edit that calendar.
        Invalid: the times or the recurrence cannot be.
    """
    columns: dict[str, Any] = dict(fields)
    columns.pop("is_completed", None)
    status = EventStatus(columns.pop("status", EventStatus.CONFIRMED))
    event = Event(source=source, **_place(actor, owner_id), **columns)
    event.uid = repeating.uid_of(event.id)
    times.settle(event)
    _set(event, status_changes(event, status))
    insert(event)
    schedule_first_reminder(event)
    publish(EventCreated.of(event), actor_id=actor.user_id)
    return event


@transaction.atomic
def update_event(
    *,
    actor: Principal,
    event_id: EventId,
    scope: EditScope | None = None,
    expected_version: int | None = None,
    **fields: Unpack[EventFields],
) -> Event:
    """Change an event, one occurrence of a series, that and the following ones, or all.

    Times given for an occurrence move the other ones that `scope` reaches by as much, and so do the weekdays that
    its rule names. Occurrences that were changed before keep what they were given.

    Raises:
        NotFound: the actor has no such event.
        PreconditionFailed: it is no longer in `expected_version`.
        ManagedElsewhere: that belongs to a meeting which is arranged elsewhere.
        InvalidTransition: its status cannot become the wanted one.
        Invalid: the times or the recurrence cannot be.
    """
    event = repeating.reach(actor=actor, event_id=event_id, scope=scope, expected_version=expected_version)
    refuse_to_change_meeting(event, fields)
    status = _wanted_status(event, fields)
    if status:
        become(event, status, actor=actor)
    before = event.rev
    changes = _changes(event, event_id, fields)
    save_changes(event, **changes)
    if event.rev != before:
        if event.reminder_minutes is not None or "reminder_minutes" in changes:
            schedule_reminder(event)
        publish(EventUpdated.of(event), actor_id=actor.user_id)
    return event


@transaction.atomic
def delete_event(
    *, actor: Principal, event_id: EventId, scope: EditScope | None = None, expected_version: int | None = None
) -> None:
    """Remove an event, one occurrence of a series, that and the following ones, or all.

    Raises:
        NotFound: the actor has no such event.
        PreconditionFailed: it is no longer in `expected_version`.
        ManagedElsewhere: it stands for a meeting that has not been called off.
    """
    event = repeating.reach(actor=actor, event_id=event_id, scope=scope, expected_version=expected_version)
    if event.status != EventStatus.CANCELLED:  # nobody meets any more, so that tidying up hides nothing
        refuse_if_managed(event)
    publish(EventDeleted.of(event), actor_id=actor.user_id)
    event.delete()
    if event.series is not None:
        repeating.drop_when_over(event.series)


def _place(actor: Principal, owner_id: UUID | None) -> dict[str, UUID | None]:
    """Whose calendar it goes into, and the workspace that may see it there."""
    if owner_id is None or owner_id == actor.user_id:
        return {"owner_id": actor.user_id, "workspace_id": actor.workspace_id}
    share_of_calendar(actor, owner_id, ShareLevel.EDIT)
    home = find_home_workspace(owner_id)
    return {"owner_id": owner_id, "workspace_id": home.id if home else None}


def _wanted_status(event: Event, fields: EventFields) -> EventStatus | None:
    """The status that was asked for, taken out of `fields`."""
    is_completed, status = fields.pop("is_completed", None), fields.pop("status", None)
    if is_completed is False and event.status == EventStatus.COMPLETED:
        return EventStatus.CONFIRMED
    return EventStatus(status) if status else None


def _changes(event: Event, event_id: EventId, fields: EventFields) -> dict[str, Any]:
    """The columns to write so that `event` becomes as wished."""
    wanted: dict[str, Any] = dict(fields)
    if _WHEN & wanted.keys():
        wanted = _times(event, event_id, wanted)
    if "visibility" in wanted:
        wanted["shared_in"] = times.workspace_shown_to(event.workspace_id, wanted["visibility"])
    return wanted


def _times(event: Event, event_id: EventId, wanted: dict[str, Any]) -> dict[str, Any]:
    """The columns of `event` at other times; what depends on a series' start moves along."""
    if event.series_id and wanted.get("recurrence"):
        raise Invalid.field("recurrence", "One occurrence cannot repeat: change the following ones, or all.")
    begins = event_id.original_start
    later = copy(event)
    if event.is_series and begins and begins != event.starts_at:
        one = occurrences.occurrence(event, begins)
        _set(one, wanted)
        times.move_like(later, one)
        wanted |= {"starts_at": later.starts_at, "ends_at": later.ends_at}
    _set(later, wanted)
    if event.is_series and not later.recurrence:
        later.extra_starts = later.excluded_starts = []
        event.changed.all().delete()
    elif event.is_series:
        if later.recurrence == event.recurrence:
            times.move_rule(later, event)
        times.move_exceptions(later, event)
        repeating.move_changed(later, event)
    times.settle(later)
    return {name: getattr(later, name) for name in {*wanted, *_SETTLED}}


def _set(event: Event, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(event, name, value)
