"""The calendar's words and small values. Not here: rows (`models.py`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from core.errors import NotFound

# What the calendar reaches. Nothing stands outside, so that times can be moved between zones without overflowing.
EARLIEST = datetime(1901, 1, 2, tzinfo=UTC)
HORIZON = datetime(2100, 1, 1, tzinfo=UTC)


def is_reached(moment: datetime) -> bool:
    """Whether something may stand there in a calendar."""
    return EARLIEST <= moment < HORIZON


class EventType(StrEnum):
    PROJECT = "project"
    GIG = "gig"
    JOB_INTERVIEW = "job_interview"
    MENTORSHIP = "mentorship"
    VOLUNTEERING = "volunteering"
    CLIENT_MEETING = "client_meeting"
    EVENT = "event"
    OTHER = "other"


class EventStatus(StrEnum):
    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OPEN_STATUSES = frozenset({EventStatus.TENTATIVE, EventStatus.CONFIRMED, EventStatus.IN_PROGRESS})

# What each status may become. Closed events open again only by being reopened, as confirmed.
TRANSITIONS: dict[EventStatus, frozenset[EventStatus]] = {
    **{status: (frozenset(EventStatus) - {status}) for status in OPEN_STATUSES},
    EventStatus.COMPLETED: frozenset({EventStatus.CONFIRMED}),
    EventStatus.CANCELLED: frozenset({EventStatus.CONFIRMED}),
}


class EventSource(StrEnum):
    """Where an event came from. Clients cannot choose it."""

    MANUAL = "manual"
    IMPORT = "import"
    MENTORS = "mentors"


# Where events come from that stand for a meeting: what belongs to it is changed there and nowhere else.
MANAGED_SOURCES = frozenset({EventSource.MENTORS})


class Visibility(StrEnum):
    """Who may read an event beside its owner; nobody else may ever change it.

    `workspace` and `public` open it to members of the workspace it was made in. They differ in exported
    calendars alone, where `public` events are marked as fit for anybody who gets the file.
    """

    PRIVATE = "private"
    WORKSPACE = "workspace"
    PUBLIC = "public"


class ShareLevel(StrEnum):
    """What somebody else may do in a calendar that is shared with them: read everything, or change it too."""

    VIEW = "view"
    EDIT = "edit"


# The permissions of django-guardian that stand for a level; the first is the one to ask for.
PERMISSIONS = {
    ShareLevel.VIEW: ("view_calendarshare",),
    ShareLevel.EDIT: ("change_calendarshare", "view_calendarshare"),
}


class Direction(StrEnum):
    GIVEN = "given"
    RECEIVED = "received"


class EditScope(StrEnum):
    """How far a change to one occurrence of a series reaches."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class Calendar(StrEnum):
    """Whose events a list shows: the caller's own, or those that colleagues share."""

    MINE = "mine"
    SHARED = "shared"


class ImportOutcome(StrEnum):
    TAKEN = "taken"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    REFUSED = "refused"


class EventFields(TypedDict, total=False):
    """What a caller may say about an event."""

    title: str
    description: str
    starts_at: datetime
    ends_at: datetime
    is_all_day: bool
    timezone: str
    event_type: EventType
    status: EventStatus
    is_completed: bool  # older clients' word: false reopens what is completed, and says nothing of anything else
    location: str
    video_conference_link: str
    reminder_minutes: int | None
    visibility: Visibility
    related_entity_type: str
    related_entity_id: str
    color_hex: str
    focus_mode: bool
    recurrence: str
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open interval `[start, end)`, looked at from `zone`."""

    start: datetime
    end: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Meeting:
    """Something arranged elsewhere; `attendees` are the owners of calendars, each with their time zone."""

    source: EventSource
    event_type: EventType
    related_entity_type: str
    related_entity_id: str
    attendees: Mapping[UUID, str]
    title: str
    starts_at: datetime
    ends_at: datetime
    status: EventStatus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImportedEvent:
    """What became of one event of an imported file.

    `changes` tells in words what was altered or left out, `reason` why it was refused.
    """

    index: int
    uid: str
    summary: str
    outcome: ImportOutcome
    changes: list[str]
    reason: str = ""
    event_id: str | None = None


_EVENT_ID = re.compile(r"(?P<id>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?::(?P<start>\d{8}T\d{6}Z))?")
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class EventId:
    """A public id: an event's own, or with `:` and its original start that of one occurrence of a series."""

    id: UUID
    original_start: datetime | None = None

    def __str__(self) -> str:
        return f"{self.id}:{self.original_start.strftime(_STAMP)}" if self.original_start else str(self.id)

    @classmethod
    def parse(cls, text: str) -> "EventId":
        """Read a public id.

        Raises:
            NotFound: nothing can have this id.
        """
        match = _EVENT_ID.fullmatch(text)
        if match is None:
            raise NotFound
        try:
            start = datetime.strptime(match["start"], _STAMP).replace(tzinfo=UTC) if match["start"] else None
        except ValueError as error:
            raise NotFound from error
        if start is not None and not is_reached(start):
            raise NotFound
        return cls(UUID(match["id"]), start)
