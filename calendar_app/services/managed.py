"""What of an event belongs to a meeting that is arranged elsewhere, and is changed there alone.

The rest is its owner's: notes, place, colour, reminder, and who may see it.
Not here: how a meeting gets into calendars (`following.py`).
"""

from collections.abc import Mapping
from typing import Any

from calendar_app.errors import ManagedElsewhere
from calendar_app.models import Event
from calendar_app.types import MANAGED_SOURCES

MEETING_COLUMNS = (
    "title", "event_type", "starts_at", "ends_at", "is_all_day", "timezone",
    "recurrence", "extra_starts", "excluded_starts",
    "status", "completed_at", "cancelled_at", "cancellation_reason",
    "related_entity_type", "related_entity_id",
)  # fmt: skip


def is_managed(event: Event) -> bool:
    return event.source in MANAGED_SOURCES


def refuse_if_managed(event: Event) -> None:
    """Raises: ManagedElsewhere, where the event stands for a meeting; it names what to change instead."""
    if is_managed(event):
        raise ManagedElsewhere(related_entity_type=event.related_entity_type, related_entity_id=event.related_entity_id)


def refuse_to_change_meeting(event: Event, wanted: Mapping[str, Any]) -> None:
    """Let pass what is the owner's, and what says of the meeting what is so already: clients send whole events back.

    Raises:
        ManagedElsewhere: something of the meeting would become another.
    """
    if any(name in MEETING_COLUMNS and getattr(event, name) != value for name, value in wanted.items()):
        refuse_if_managed(event)


def keep_meeting(event: Event, before: Event) -> bool:
    """Give `event` back what of `before` belongs to a meeting; whether anything of it was another."""
    lost = [name for name in MEETING_COLUMNS if getattr(event, name) != getattr(before, name)]
    if not lost or not is_managed(before):
        return False
    for name in lost:
        setattr(event, name, getattr(before, name))
    return True
