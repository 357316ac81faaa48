"""Creating, changing, publishing and closing listings."""

from typing import Any, Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.types import Principal
from core.db.changes import lock, save_changes
from core.db.instances import insert
from core.errors import Invalid
from core.money import Money
from events.services import publish
from explorer import search
from explorer.errors import InvalidListingState
from explorer.events import ListingClosedEvent, ListingEvent, ListingPublished, ListingUpdated
from explorer.models import Listing, ListingTag
from explorer.services import tagging
from explorer.types import ListingFields, ListingStatus, TagGiven

_SEARCHED = {"title", "description", "organization", "location", "tag_words"}
_NOBODY_YET = ListingStatus.DRAFT


@transaction.atomic
def create_listing(*, actor: Principal, **fields: Unpack[ListingFields]) -> Listing:
    """Put up a listing, open unless it is to be a draft.

    Raises:
        Invalid: a place without one of its coordinates, a tag given twice.
    """
    tags = fields.pop("expertise_tags", [])
    listing = Listing(owner_id=actor.user_id, workspace_id=actor.workspace_id, **_columns(fields))
    _check_place(listing.latitude, listing.longitude)
    _set(listing, tagging.shown(tags))
    insert(listing)
    tagging.write(listing, tags)
    search.learn([listing])
    if listing.status == ListingStatus.OPEN:
        _tell(ListingPublished, listing, actor)
    return listing


@transaction.atomic
def update_listing(
    *, actor: Principal, listing_id: UUID, expected_version: int | None = None, **fields: Unpack[ListingFields]
) -> Listing:
    """Change what a listing says.

    Raises:
        NotFound: the actor has no such listing.
        PreconditionFailed: it is no longer in `expected_version`.
        InvalidListingState: staff removed it.
        Invalid: a place without one of its coordinates, a tag given twice.
    """
    listing = _own(actor, listing_id, expected_version)
    if listing.status == ListingStatus.REMOVED:
        raise InvalidListingState
    tags = fields.pop("expertise_tags", None)
    changes = _columns(fields)
    _check_place(changes.get("latitude", listing.latitude), changes.get("longitude", listing.longitude))
    before = listing.rev
    if tags is not None:
        changes |= _retag(listing, tags)
    save_changes(listing, **changes)
    if listing.rev != before:
        if _SEARCHED & changes.keys():
            search.learn([listing])
        _tell(ListingUpdated, listing, actor)
    return listing


@transaction.atomic
def publish_listing(*, actor: Principal, listing_id: UUID, expected_version: int | None = None) -> Listing:
    """Open a draft, or a listing that was closed. Saying it twice changes nothing.

    Raises:
        NotFound, PreconditionFailed, InvalidListingState: as for `update_listing`.
    """
    listing = _own(actor, listing_id, expected_version)
    if listing.status == ListingStatus.OPEN:
        return listing
    if listing.status == ListingStatus.REMOVED:
        raise InvalidListingState
    save_changes(listing, status=ListingStatus.OPEN, published_at=timezone.now())
    _tell(ListingPublished, listing, actor)
    return listing


@transaction.atomic
def close_listing(*, actor: Principal, listing_id: UUID, expected_version: int | None = None) -> Listing:
    """Take no more applications. Saying it twice changes nothing.

    Raises:
        NotFound, PreconditionFailed: as for `update_listing`.
        InvalidListingState: it was never open, or staff removed it.
    """
    listing = _own(actor, listing_id, expected_version)
    if listing.status == ListingStatus.CLOSED:
        return listing
    if listing.status != ListingStatus.OPEN:
        raise InvalidListingState
    save_changes(listing, status=ListingStatus.CLOSED)
    _tell(ListingClosedEvent, listing, actor)
    return listing


@transaction.atomic
def delete_listing(*, actor: Principal, listing_id: UUID, expected_version: int | None = None) -> None:
    """Throw a draft away. What others have seen is closed instead.

    Raises:
        NotFound, PreconditionFailed: as for `update_listing`.
        InvalidListingState: it is no draft.
    """
    listing = _own(actor, listing_id, expected_version)
    if listing.status != _NOBODY_YET:
        raise InvalidListingState("Only drafts can be deleted. Close this listing instead.")
    listing.delete()


def _own(actor: Principal, listing_id: UUID, expected_version: int | None) -> Listing:
    """The actor's listing, locked."""
    own = Listing.objects.filter(owner_id=actor.user_id)
    listing: Listing = lock(own, id=listing_id, expected_version=expected_version)
    return listing


def _columns(fields: Any) -> dict[str, Any]:
    """What was said of a listing, as columns."""
    columns: dict[str, Any] = dict(fields)
    if "budget" in columns:
        budget: Money | None = columns.pop("budget")
        columns["budget_minor"] = budget.minor if budget else None
        columns["currency"] = budget.currency if budget else ""
    return columns


def _check_place(latitude: float | None, longitude: float | None) -> None:
    if (latitude is None) is not (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise Invalid.field(missing, "Latitude and longitude go together.", "required")


def _retag(listing: Listing, tags: list[TagGiven]) -> dict[str, Any]:
    columns = tagging.shown(tags)
    if columns["expertise_tags"] != listing.expertise_tags:
        ListingTag.objects.filter(listing=listing).delete()
        tagging.write(listing, tags)
    return columns


def _set(listing: Listing, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(listing, name, value)


def _tell(event: type[ListingEvent], listing: Listing, actor: Principal) -> None:
    publish(
        event(aggregate_id=listing.id, owner_id=listing.owner_id, category=listing.category), actor_id=actor.user_id
    )
