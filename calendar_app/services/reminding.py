"""Reminders: each occurrence's is said once, though processes die and jobs run twice.

The next reminder that an event is owed is a row. Saying it, and moving the row on to the next occurrence, is one
transaction. Not here: how a reminder reaches somebody; notifications follow `calendar.reminder.due`.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from calendar_app import occurrences
from calendar_app.events import ReminderDue
from calendar_app.models import Event, Reminder
from events.services import publish

BATCH = 200  # reminders per transaction
STALE_AFTER = timedelta(hours=1)  # a reminder this late helps nobody


def schedule_reminder(event: Event) -> None:
    """Note the next reminder that `event` is owed, in the caller's transaction."""
    reminder = next_reminder(event, after=timezone.now())
    if reminder is None:
        Reminder.objects.filter(event_id=event.id).delete()
    else:
        plan_reminders([reminder])


def schedule_first_reminder(event: Event) -> None:
    """The same for an event that is new, and so has none that would have to go."""
    if reminder := next_reminder(event, after=timezone.now()):
        plan_reminders([reminder])


def plan_reminders(reminders: list[Reminder]) -> None:
    """Write reminders, in place of those that their events had."""
    Reminder.objects.bulk_create(
        reminders, update_conflicts=True, unique_fields=["event"], update_fields=["occurrence_start", "due_at"]
    )


def next_reminder(event: Event, *, after: datetime) -> Reminder | None:
    """The first reminder of an open event that is due after a moment."""
    if event.reminder_minutes is None or not event.is_open:
        return None
    ahead = timedelta(minutes=event.reminder_minutes)
    if event.is_series:
        following = occurrences.following(event, after + ahead)
        start = following.starts_at if following else None
    else:
        start = event.starts_at if event.starts_at - ahead > after else None
    return Reminder(event_id=event.id, occurrence_start=start, due_at=start - ahead) if start else None


def send_due_reminders() -> int:
    """Publish the reminders that are due, up to a batch; returns how many rows were looked at."""
    now = timezone.now()
    with transaction.atomic():
        due = list(
            Reminder.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(due_at__lte=now)
            .select_related("event")
            .order_by("due_at")[:BATCH]
        )
        for reminder in due:
            if reminder.due_at > now - STALE_AFTER:
                _publish_due(reminder)
        _move_on(due, now)
    return len(due)


def _publish_due(reminder: Reminder) -> None:
    event = reminder.event
    one = occurrences.occurrence(event, reminder.occurrence_start) if event.is_series else event
    details = {"title": event.title, "starts_at": one.starts_at.isoformat(), "reminder_minutes": event.reminder_minutes}
    publish(ReminderDue.of(one, **details))


def _move_on(due: list[Reminder], now: datetime) -> None:
    later = [next_reminder(reminder.event, after=max(reminder.due_at, now - STALE_AFTER)) for reminder in due]
    planned = [reminder for reminder in later if reminder is not None]
    plan_reminders(planned)
    done = {reminder.event_id for reminder in due} - {reminder.event_id for reminder in planned}
    Reminder.objects.filter(event_id__in=done).delete()
