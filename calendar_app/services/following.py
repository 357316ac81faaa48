"""Meetings that are arranged elsewhere, as they stand in the calendars of those who meet.

Whoever arranges a meeting tells the whole of it with every change, so what is heard twice, or for the first time late,
gives the same events. What belongs to the meeting nobody changes in a calendar (`managed.py`); whatever stands there
under its name, such as an event of a file, is made what the meeting is.
"""

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from accounts.selectors import find_home_workspace
from calendar_app.events import EventCancelled, EventCompleted, EventCreated, EventUpdated
from calendar_app.models import Event
from calendar_app.services import times
from calendar_app.services.progress import status_columns
from calendar_app.services.reminding import schedule_reminder
from calendar_app.types import EventStatus, Meeting
from core.db.changes import save_changes
from core.db.instances import fetch_first, insert
from events.services import publish

REMINDER_MINUTES = 15
# A meeting takes place once.
_ONCE: dict[str, Any] = {
    "recurrence": "", "extra_starts": [], "excluded_starts": [], "is_series": False, "series_ends_at": None,
}  # fmt: skip


@transaction.atomic
def follow_meeting(*, meeting: Meeting, takes_up: bool = True) -> None:
    """Let a meeting stand in the calendars of all who meet as it is now. Saying it twice changes nothing.

    Where it stands in none, it does so only if this `takes_up`, and not in those of people who have left for good.
    """
    for owner_id, timezone in sorted(meeting.attendees.items()):
        uid = f"{meeting.related_entity_id}@gigvora.com"
        event = fetch_first(
            Event.objects.owned_by(owner_id).filter(uid=uid, series=None).select_for_update(no_key=True)
        )
        if event is not None:
            _follow(event, meeting, timezone)
        elif takes_up and meeting.status is not EventStatus.CANCELLED and _has_account(owner_id):
            _take_up(owner_id, uid, meeting, timezone)


def _has_account(owner_id: UUID) -> bool:
    """Whether somebody has an account, and keeps it until the event is written: an erasure would not find it later."""
    people = get_user_model().objects.filter(id=owner_id, closed_at=None)
    return fetch_first(people.select_for_update(no_key=True)) is not None


def _take_up(owner_id: UUID, uid: str, meeting: Meeting, timezone: str) -> None:
    home = find_home_workspace(owner_id)
    event = Event(
        owner_id=owner_id,
        workspace_id=home.id if home else None,
        uid=uid,
        reminder_minutes=REMINDER_MINUTES,
        **_columns(meeting, timezone),
    )
    times.settle(event)
    insert(event)
    schedule_reminder(event)
    publish(EventCreated.of(event))


def _follow(event: Event, meeting: Meeting, timezone: str) -> None:
    before, was, columns = event.rev, event.status, _columns(meeting, timezone)
    if was == meeting.status:
        columns |= {"completed_at": event.completed_at, "cancelled_at": event.cancelled_at}
    if event.is_series:
        event.changed.all().delete()
    save_changes(event, **columns)
    if event.rev == before:
        return
    schedule_reminder(event)
    if event.status == EventStatus.CANCELLED != was:
        publish(EventCancelled.of(event, reason=event.cancellation_reason))
    else:
        publish(EventCompleted.of(event) if event.status == EventStatus.COMPLETED != was else EventUpdated.of(event))


def _columns(meeting: Meeting, timezone: str) -> dict[str, Any]:
    return {
        "source": meeting.source,
        "event_type": meeting.event_type,
        "related_entity_type": meeting.related_entity_type,
        "related_entity_id": meeting.related_entity_id,
        "title": meeting.title,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "is_all_day": False,
        "timezone": timezone,
        **_ONCE,
        **status_columns(meeting.status, meeting.reason),
    }
