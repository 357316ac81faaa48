"""What people are told of their calendar."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from calendar_app.events import CalendarShareAccepted, ReminderDue
from core.contributions.events import Published
from core.contributions.notices import Category, Channel, Notice, Recipient, Words, declare_notices, id_in


def _when(event: Published, recipient: Recipient) -> Mapping[str, object]:
    """The start as the reader's clock and language have it."""
    starts_at = datetime.fromisoformat(event.payload["starts_at"])
    return {"when": recipient.written(starts_at)}


declare_notices(
    Notice(
        event=ReminderDue.name,
        category=Category.CALENDAR,
        recipients=id_in("owner_id"),
        words={
            "en": Words("{title}", "Begins in {reminder_minutes} min: {when}."),
            "de": Words("{title}", "Beginnt in {reminder_minutes} min: {when}."),
        },
        values=_when,
        deep_link="calendar/events/{occurrence_id}",
        metadata=("occurrence_id", "starts_at", "reminder_minutes"),
        useful_for=timedelta(hours=1),
    ),
    Notice(
        event=CalendarShareAccepted.name,
        category=Category.CALENDAR,
        recipients=id_in("owner_id"),
        words={
            "en": Words("Your calendar is shared", "Somebody has accepted the calendar that you offered them."),
            "de": Words("Dein Kalender ist geteilt", "Dein angebotener Kalender wurde angenommen."),
        },
        deep_link="calendar/shares/{aggregate_id}",
        metadata=("member_id",),
        channels=frozenset({Channel.PUSH}),
    ),
)
