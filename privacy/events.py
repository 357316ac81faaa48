"""What happens to people's data."""

from dataclasses import dataclass
from typing import ClassVar

from accounts.events import ABOUT_A_PERSON, FreelancerEvent
from core.contributions.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AccountEvent(DomainEvent):
    """Base of what happens to an account; `aggregate_id` is its owner."""

    aggregate: ClassVar[str] = "account"


@dataclass(frozen=True, kw_only=True)
class DeletionAsked(AccountEvent):
    """Somebody asked on the web to delete an account. Told of every address; that of nobody has a random id."""

    name: ClassVar[str] = "account.deletion.asked"


@dataclass(frozen=True, kw_only=True)
class DeletionScheduled(AccountEvent):
    name: ClassVar[str] = "account.deletion.scheduled"

    executes_at: str  # RFC 3339


@dataclass(frozen=True, kw_only=True)
class DeletionCancelled(AccountEvent):
    name: ClassVar[str] = "account.deletion.cancelled"


@dataclass(frozen=True, kw_only=True)
class AccountErased(AccountEvent):
    """Nothing is left that names the person. Whoever kept anything of theirs elsewhere lets go of it now."""

    name: ClassVar[str] = "account.erased"


@dataclass(frozen=True, kw_only=True)
class FreelancerOffboarded(FreelancerEvent):
    """The person has left for good; told together with `account.erased`, for integrators."""

    name: ClassVar[str] = "freelancer.offboarded"
    public = ABOUT_A_PERSON


@dataclass(frozen=True, kw_only=True)
class ExportReady(DomainEvent):
    """`aggregate_id` is the export."""

    name: ClassVar[str] = "privacy.export.ready"
    aggregate: ClassVar[str] = "privacy.export"


@dataclass(frozen=True, kw_only=True)
class ConsentChanged(AccountEvent):
    name: ClassVar[str] = "privacy.consent.changed"

    purpose: str
    given: bool
    source: str
