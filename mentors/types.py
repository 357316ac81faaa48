"""The words of mentoring, what may become of a session, and small values. Not here: rows (`models.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypedDict
from zoneinfo import ZoneInfo

from core.money import Money

CANCELLATION_WINDOW = timedelta(hours=6)  # before its start, a session can be cancelled or moved until then
MAX_MINUTES = 480  # of one session
DAY_MINUTES = 1440
OVERRIDE = "mentors:override"  # the scope of support leads, which decides what they see


class MentorStatus(StrEnum):
    """Where an application stands. Only approved mentors can be found and booked."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class ExceptionKind(StrEnum):
    """What an exception does to the hours of its days: take away, or add. Taking away wins."""

    CLOSED = "closed"
    OPEN = "open"


class SessionStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # nobody answered before it would have begun
    COMPLETED = "completed"


LIVE = frozenset({SessionStatus.REQUESTED, SessionStatus.APPROVED})


class Party(StrEnum):
    """Who somebody is to a session. A support lead is neither side, and gives a reason for whatever they do."""

    MENTOR = "mentor"
    MENTEE = "mentee"
    SUPPORT = "support"


class Action(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Step:
    """From which statuses an action leads where, and who may take it.

    Args:
        after: the status that follows; `None` where it depends on who acts.
        in_time: whether the action is possible only until six hours before the start.
    """

    before: frozenset[SessionStatus]
    after: SessionStatus | None
    by: frozenset[Party]
    in_time: bool = False


_REQUESTED, _APPROVED = frozenset({SessionStatus.REQUESTED}), frozenset({SessionStatus.APPROVED})
_MENTOR = frozenset({Party.MENTOR})

# All that can be done to a session. There is no way out of a status that is not live.
STEPS: Mapping[Action, Step] = {
    Action.APPROVE: Step(_REQUESTED, SessionStatus.APPROVED, _MENTOR),
    Action.DECLINE: Step(_REQUESTED, SessionStatus.DECLINED, _MENTOR),
    Action.CANCEL: Step(LIVE, SessionStatus.CANCELLED, frozenset(Party), in_time=True),
    Action.RESCHEDULE: Step(LIVE, None, frozenset(Party), in_time=True),
    Action.COMPLETE: Step(_APPROVED, SessionStatus.COMPLETED, _MENTOR),
}


class ProfileFields(TypedDict, total=False):
    """What mentors say of themselves and of how they want to be booked."""

    headline: str
    bio: str
    timezone: str
    expertise: list[dict[str, str | float]]
    price: Money  # of an hour
    durations: list[int]  # minutes
    slot_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    notice_minutes: int
    horizon_days: int
    max_per_day: int
    is_accepting: bool


class HoursFields(TypedDict, total=False):
    """Hours of a weekday, or of days: minutes after midnight on the mentor's wall, the end exclusive."""

    weekday: int
    kind: ExceptionKind
    first_day: date | None
    last_day: date | None
    start_minute: int
    end_minute: int
    note: str


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open interval `[start, end)`, in UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Open hours on one weekday (1 is Monday), on days from `first_day` to `last_day`."""

    weekday: int
    start_minute: int
    end_minute: int
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class DayHours:
    """Hours of each day from `first_day` to `last_day` that differ from the week's."""

    kind: ExceptionKind
    first_day: date
    last_day: date
    start_minute: int = 0
    end_minute: int = DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody has time, as they said: on the clock on the wall of `zone`."""

    zone: ZoneInfo
    weekly: tuple[WeeklyHours, ...]
    exceptions: tuple[DayHours, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked; `day_key` is its day in the time zone that was asked for."""

    starts_at: datetime
    ends_at: datetime
    day_key: date
