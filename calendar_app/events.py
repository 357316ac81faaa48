"""What happened in a calendar."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self
from uuid import UUID

from core.contributions.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CalendarEvent(DomainEvent):
    """Base of what happens to one event. `occurrence_id` is its public id, `owner_id` whose calendar it is in."""

    aggregate: ClassVar[str] = "calendar.event"

    owner_id: UUID
    occurrence_id: str

    @classmethod
    def of(cls, event: Any, **details: Any) -> Self:
        """Tell it of a row of `calendar_app.models.Event`."""
        return cls(
            aggregate_id=event.series_id or event.id,
            owner_id=event.owner_id,
            occurrence_id=str(event.public_id),
            **details,
        )


@dataclass(frozen=True, kw_only=True)
class EventCreated(CalendarEvent):
    name: ClassVar[str] = "calendar.event.created"


@dataclass(frozen=True, kw_only=True)
class EventUpdated(CalendarEvent):
    name: ClassVar[str] = "calendar.event.updated"


@dataclass(frozen=True, kw_only=True)
class EventCompleted(CalendarEvent):
    name: ClassVar[str] = "calendar.event.completed"


@dataclass(frozen=True, kw_only=True)
class EventReopened(CalendarEvent):
    name: ClassVar[str] = "calendar.event.reopened"


@dataclass(frozen=True, kw_only=True)
class EventCancelled(CalendarEvent):
    name: ClassVar[str] = "calendar.event.cancelled"

    reason: str


@dataclass(frozen=True, kw_only=True)
class EventDeleted(CalendarEvent):
    name: ClassVar[str] = "calendar.event.deleted"


@dataclass(frozen=True, kw_only=True)
class CalendarImported(DomainEvent):
    """A file was read into a calendar: one fact, however many events it held."""

    name: ClassVar[str] = "calendar.imported"
    aggregate: ClassVar[str] = "calendar"

    taken: int
    updated: int


@dataclass(frozen=True, kw_only=True)
class ReminderDue(CalendarEvent):
    """An occurrence begins in `reminder_minutes`; said once for each."""

    name: ClassVar[str] = "calendar.reminder.due"

    title: str
    starts_at: str
    reminder_minutes: int


@dataclass(frozen=True, kw_only=True)
class CalendarShareOffered(DomainEvent):
    """A calendar was offered to somebody by their address, which is in the row alone."""

    name: ClassVar[str] = "calendar.share.offered"
    aggregate: ClassVar[str] = "calendar.share"

    owner_id: UUID


@dataclass(frozen=True, kw_only=True)
class CalendarShareAccepted(DomainEvent):
    name: ClassVar[str] = "calendar.share.accepted"
    aggregate: ClassVar[str] = "calendar.share"

    owner_id: UUID
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class CalendarShareEnded(DomainEvent):
    """A share was taken back, declined or left; without `member_id` nobody had accepted it."""

    name: ClassVar[str] = "calendar.share.ended"
    aggregate: ClassVar[str] = "calendar.share"

    owner_id: UUID
    member_id: UUID | None
