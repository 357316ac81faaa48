"""What happened to mentors and to the sessions with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from core.contributions.events import DomainEvent, Publicity


@dataclass(frozen=True, kw_only=True)
class MentorEvent(DomainEvent):
    """Base of what happens to a mentor; `aggregate_id` is the person."""

    aggregate: ClassVar[str] = "mentor"


@dataclass(frozen=True, kw_only=True)
class MentorApplied(MentorEvent):
    name: ClassVar[str] = "mentor.applied"


@dataclass(frozen=True, kw_only=True)
class MentorApproved(MentorEvent):
    """Somebody may mentor, for the first time or again."""

    name: ClassVar[str] = "mentor.approved"


@dataclass(frozen=True, kw_only=True)
class MentorRejected(MentorEvent):
    name: ClassVar[str] = "mentor.rejected"

    reason: str


@dataclass(frozen=True, kw_only=True)
class MentorSuspended(MentorEvent):
    name: ClassVar[str] = "mentor.suspended"

    reason: str


@dataclass(frozen=True, kw_only=True)
class SessionEvent(DomainEvent):
    """Base of what happens to a session. Each tells the whole of it, so that the last one heard is enough.

    `timezone` is the mentee's, `mentor_timezone` the mentor's; `reason` says why it was declined or cancelled.
    Integrators of both hear of it, without `topic` and `reason`, which people wrote for each other.
    """

    aggregate: ClassVar[str] = "mentor.session"
    public: ClassVar[Publicity | None] = Publicity(
        ("mentor_id", "mentee_id", "starts_at", "ends_at", "status"), person="mentor_id mentee_id"
    )

    mentor_id: UUID
    mentee_id: UUID
    starts_at: datetime
    ends_at: datetime
    timezone: str
    mentor_timezone: str
    topic: str
    status: str
    reason: str

    @classmethod
    def of(cls, session: Any, mentor_timezone: str) -> Self:
        """Tell it of a row of `mentors.models.MentorSession`."""
        return cls(
            aggregate_id=session.id,
            mentor_id=session.mentor_id,
            mentee_id=session.mentee_id,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            timezone=session.timezone,
            mentor_timezone=mentor_timezone,
            topic=session.topic,
            status=session.status,
            reason=session.reason,
        )


@dataclass(frozen=True, kw_only=True)
class SessionRequested(SessionEvent):
    name: ClassVar[str] = "mentor.session.requested"


@dataclass(frozen=True, kw_only=True)
class SessionApproved(SessionEvent):
    name: ClassVar[str] = "mentor.session.approved"


@dataclass(frozen=True, kw_only=True)
class SessionDeclined(SessionEvent):
    name: ClassVar[str] = "mentor.session.declined"


@dataclass(frozen=True, kw_only=True)
class SessionCancelled(SessionEvent):
    name: ClassVar[str] = "mentor.session.cancelled"


@dataclass(frozen=True, kw_only=True)
class SessionRescheduled(SessionEvent):
    name: ClassVar[str] = "mentor.session.rescheduled"


@dataclass(frozen=True, kw_only=True)
class SessionExpired(SessionEvent):
    name: ClassVar[str] = "mentor.session.expired"


@dataclass(frozen=True, kw_only=True)
class SessionCompleted(SessionEvent):
    name: ClassVar[str] = "mentor.session.completed"


@dataclass(frozen=True, kw_only=True)
class SessionRedacted(SessionEvent):
    """What somebody who has left said in it is gone, and has to go wherever it was copied to."""

    name: ClassVar[str] = "mentor.session.redacted"
    public = None
