"""What happens to people and their sessions."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.contributions.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class FreelancerEvent(DomainEvent):
    """Base of the freelancer lifecycle; `aggregate_id` is the user."""

    aggregate: ClassVar[str] = "freelancer"


@dataclass(frozen=True, kw_only=True)
class FreelancerRegistered(FreelancerEvent):
    name: ClassVar[str] = "freelancer.registered"

    locale: str
    timezone: str


@dataclass(frozen=True, kw_only=True)
class FreelancerVerified(FreelancerEvent):
    """The e-mail address was confirmed by its owner."""

    name: ClassVar[str] = "freelancer.verified"


@dataclass(frozen=True, kw_only=True)
class FreelancerProfileUpdated(FreelancerEvent):
    name: ClassVar[str] = "freelancer.profile_updated"

    changed: str  # field names, space separated


@dataclass(frozen=True, kw_only=True)
class FreelancerSuspended(FreelancerEvent):
    name: ClassVar[str] = "freelancer.suspended"

    reason: str


@dataclass(frozen=True, kw_only=True)
class FreelancerReinstated(FreelancerEvent):
    name: ClassVar[str] = "freelancer.reinstated"


@dataclass(frozen=True, kw_only=True)
class SessionEnded(DomainEvent):
    """A session ended before its time. Open sockets of it close, and after a reuse its user is told."""

    name: ClassVar[str] = "account.session.ended"
    aggregate: ClassVar[str] = "session"

    user_id: UUID
    device_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class PasswordReset(FreelancerEvent):
    """Somebody chose a new password through a mailed link; all their sessions have ended."""

    name: ClassVar[str] = "freelancer.password_reset"


@dataclass(frozen=True, kw_only=True)
class LinkRequested(DomainEvent):
    """Somebody asked for a link by mail. Told of every address; that of nobody has a random `aggregate_id`."""

    name: ClassVar[str] = "account.link.requested"
    aggregate: ClassVar[str] = "account"

    purpose: str
