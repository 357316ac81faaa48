"""Staff taking listings down and putting them back."""

from uuid import UUID

from django.db import transaction

from access.services import record
from core.db.changes import lock, save_changes
from events.services import publish
from explorer.errors import InvalidListingState
from explorer.events import ListingEvent, ListingRemoved, ListingRestored
from explorer.models import Listing
from explorer.types import SHOWN, ListingStatus


@transaction.atomic
def remove_listing(*, actor_id: UUID, listing_id: UUID, reason: str) -> Listing:
    """Take a listing down; its owner still sees it, and why.

    Raises:
        NotFound: there is no such listing.
        InvalidListingState: nobody but its owner sees it anyway.
    """
    listing: Listing = lock(Listing.objects.all(), id=listing_id)
    if listing.status not in SHOWN:
        raise InvalidListingState
    save_changes(listing, status=ListingStatus.REMOVED, removal_reason=reason)
    _tell(ListingRemoved, listing, actor_id, reason=reason)
    return listing


@transaction.atomic
def restore_listing(*, actor_id: UUID, listing_id: UUID) -> Listing:
    """Put back what was taken down; its owner opens it again.

    Raises:
        NotFound: there is no such listing.
        InvalidListingState: it was not taken down.
    """
    listing: Listing = lock(Listing.objects.all(), id=listing_id)
    if listing.status != ListingStatus.REMOVED:
        raise InvalidListingState
    save_changes(listing, status=ListingStatus.CLOSED, removal_reason="")
    _tell(ListingRestored, listing, actor_id)
    return listing


def _tell(event: type[ListingEvent], listing: Listing, actor_id: UUID, reason: str = "") -> None:
    record(
        action=event.name.removeprefix("explorer."),
        outcome="success",
        user_id=actor_id,
        target_type="listing",
        target_id=listing.id,
        reason=reason,
    )
    details = {"reason": reason} if reason else {}
    publish(
        event(aggregate_id=listing.id, owner_id=listing.owner_id, category=listing.category, **details),
        actor_id=actor_id,
    )
