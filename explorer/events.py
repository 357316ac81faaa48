"""What happened on the marketplace."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.contributions.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ListingEvent(DomainEvent):
    """Base of what happens to a listing."""

    aggregate: ClassVar[str] = "explorer.listing"

    owner_id: UUID
    category: str


@dataclass(frozen=True, kw_only=True)
class ListingPublished(ListingEvent):
    """Everybody may see it from now on."""

    name: ClassVar[str] = "explorer.listing.published"


@dataclass(frozen=True, kw_only=True)
class ListingUpdated(ListingEvent):
    name: ClassVar[str] = "explorer.listing.updated"


@dataclass(frozen=True, kw_only=True)
class ListingClosedEvent(ListingEvent):
    """It takes no more applications."""

    name: ClassVar[str] = "explorer.listing.closed"


@dataclass(frozen=True, kw_only=True)
class ListingRemoved(ListingEvent):
    """Staff took it down."""

    name: ClassVar[str] = "explorer.listing.removed"

    reason: str


@dataclass(frozen=True, kw_only=True)
class ListingRestored(ListingEvent):
    """Staff put it back as it was."""

    name: ClassVar[str] = "explorer.listing.restored"


@dataclass(frozen=True, kw_only=True)
class ApplicationEvent(DomainEvent):
    """Base of what happens to an application."""

    aggregate: ClassVar[str] = "explorer.application"

    listing_id: UUID
    owner_id: UUID
    applicant_id: UUID


@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(ApplicationEvent):
    name: ClassVar[str] = "explorer.application.submitted"


@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn(ApplicationEvent):
    name: ClassVar[str] = "explorer.application.withdrawn"


@dataclass(frozen=True, kw_only=True)
class ApplicationDecided(ApplicationEvent):
    """The listing's owner shortlisted, accepted or declined it."""

    name: ClassVar[str] = "explorer.application.decided"

    status: str
