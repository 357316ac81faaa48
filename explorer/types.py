"""The words of the marketplace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from core.money import Money


class Category(StrEnum):
    JOB = "job"
    GIG = "gig"
    PROJECT = "project"
    LAUNCHPAD = "launchpad"
    VOLUNTEERING = "volunteering"
    MENTOR = "mentor"
    FREELANCER = "freelancer"


class EmploymentType(StrEnum):
    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    CONTRACT = "contract"
    FREELANCE = "freelance"
    INTERNSHIP = "internship"
    TEMPORARY = "temporary"
    VOLUNTEER = "volunteer"


class BudgetPeriod(StrEnum):
    """What a budget is for: the whole, or each of these."""

    FIXED = "fixed"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class ListingStatus(StrEnum):
    DRAFT = "draft"  # seen by its owner alone
    OPEN = "open"
    CLOSED = "closed"  # still to be read, not to be applied to
    REMOVED = "removed"  # by staff; its owner sees that


SHOWN = (ListingStatus.OPEN, ListingStatus.CLOSED)  # to everybody


class Kind(StrEnum):
    """What somebody does with a listing. Each is noted once per person, a share once per person and channel."""

    VIEW = "view"
    LIKE = "like"
    SAVE = "save"
    SHARE = "share"
    PASS = "pass"  # noqa: S105  swiped away: kept out of the person's feed, shown to nobody


class Direction(StrEnum):
    """Where a card was swiped to."""

    LEFT = "left"
    RIGHT = "right"


class ShareChannel(StrEnum):
    LINK = "link"
    EMAIL = "email"
    MESSAGE = "message"
    SOCIAL = "social"
    OTHER = "other"


class ApplicationStatus(StrEnum):
    SUBMITTED = "submitted"
    SHORTLISTED = "shortlisted"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


DECIDABLE = (ApplicationStatus.SUBMITTED, ApplicationStatus.SHORTLISTED)

# the kind of an increment -> what is counted of a listing
COUNTED: Mapping[str, str] = {
    Kind.VIEW.value: "views",
    Kind.LIKE.value: "likes",
    Kind.SAVE.value: "saves",
    "apply": "applications",
    Kind.SHARE.value: "shares",
}
UNCOUNTED: Mapping[str, int] = dict.fromkeys(COUNTED.values(), 0)


class TagGiven(TypedDict):
    slug: str
    label: str
    weight: int


class ListingFields(TypedDict, total=False):
    """What an owner may say of a listing."""

    category: Category
    title: str
    description: str
    organization: str
    location: str
    latitude: float | None
    longitude: float | None
    is_remote: bool
    employment_type: str
    budget: Money | None
    budget_period: str
    duration: str
    expertise_tags: list[TagGiven]
    status: ListingStatus


@dataclass(frozen=True, slots=True)
class Standing:
    """How listings stand: what is counted of each, and what the asking person did with it."""

    counts: Mapping[UUID, Mapping[str, int]] = field(default_factory=dict)
    own: Mapping[UUID, frozenset[str]] = field(default_factory=dict)

    def engagement(self, listing_id: UUID) -> Mapping[str, int]:
        return self.counts.get(listing_id, UNCOUNTED)

    def viewer(self, listing_id: UUID) -> dict[str, bool]:
        own = self.own.get(listing_id, frozenset())
        return {"liked": Kind.LIKE in own, "saved": Kind.SAVE in own, "applied": "apply" in own}


class Reason(NamedTuple):
    """Why something is in a feed: a stable code, and a label for people."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the listings found are of which kind. `is_capped`: there were more than were counted."""

    total: int
    is_capped: bool
    category: Mapping[str, int]
    employment_type: Mapping[str, int]
    is_remote: Mapping[str, int]
    expertise_tags: Sequence[Mapping[str, Any]]
