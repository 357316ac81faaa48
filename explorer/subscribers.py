"""How the marketplace reacts to what happened: listings are withheld while their owner's account is closed."""

from uuid import UUID

from accounts.events import AccountClosed, FreelancerReinstated, FreelancerSuspended
from core.contributions.events import Published, subscriber
from explorer import services
from explorer.events import ListingPublished


@subscriber(FreelancerSuspended.name, FreelancerReinstated.name, AccountClosed.name, name="explorer.follow_owner")
def follow_owner(event: Published) -> None:
    services.follow_owner(owner_id=event.aggregate_id)


@subscriber(ListingPublished.name, name="explorer.follow_owner_of_new")
def follow_owner_of_new(event: Published) -> None:
    """What somebody was just publishing while their account was closed came too late for the rest of their listings."""
    services.follow_owner(owner_id=UUID(event.payload["owner_id"]))
