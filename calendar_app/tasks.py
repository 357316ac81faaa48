"""The calendar's clockwork."""

from datetime import timedelta

from calendar_app import services
from core.jobs import job


@job(name="calendar.remind", every=timedelta(seconds=30))
def remind() -> None:
    """Publish the reminders that are due, batch after batch."""
    while services.send_due_reminders():
        pass
