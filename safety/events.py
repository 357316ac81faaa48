"""What happened to reports, to what they are about, and between people."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.contributions.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ReportEvent(DomainEvent):
    """Base of what happens to a report."""

    aggregate: ClassVar[str] = "safety.report"

    reporter_id: UUID
    subject_type: str
    subject_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReportFiled(ReportEvent):
    """Staff have 24 hours to decide about it."""

    name: ClassVar[str] = "safety.report.filed"

    reason: str


@dataclass(frozen=True, kw_only=True)
class ReportDecided(ReportEvent):
    """Staff have acted on it or dismissed it; `status` says which."""

    name: ClassVar[str] = "safety.report.decided"

    status: str


@dataclass(frozen=True, kw_only=True)
class SubjectRemoved(DomainEvent):
    """Staff took something away because people had reported it. Its owner is told why."""

    name: ClassVar[str] = "safety.subject.removed"
    aggregate: ClassVar[str] = "safety.subject"

    owner_id: UUID
    subject_type: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class UserBlocked(DomainEvent):
    """From now on neither of the two meets the other."""

    name: ClassVar[str] = "safety.user.blocked"
    aggregate: ClassVar[str] = "safety.block"

    blocker_id: UUID
    blocked_id: UUID
