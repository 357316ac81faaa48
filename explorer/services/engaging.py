"""What people do with listings. Each is noted once, however often it is said; triggers count it."""

from uuid import UUID

from django.db import transaction

from access.types import Principal
from core.db.advisory import wait_lock
from explorer.models import Engagement, Listing
from explorer.selectors import get_listing
from explorer.types import Direction, Kind

_OPPOSITE = {Kind.LIKE: Kind.PASS, Kind.PASS: Kind.LIKE}  # of which at most one stands


@transaction.atomic
def engage(*, actor: Principal, listing_id: UUID, kind: Kind, channel: str = "") -> Listing:
    """Note that the actor viewed, liked, saved or shared a listing; `channel` says how it was shared.

    Who likes what they had swiped away passes it no more.

    Raises:
        NotFound: the actor may see no such listing.
    """
    listing = get_listing(actor, listing_id)
    if kind in _OPPOSITE:
        _forget_opposite(actor, listing, kind)
    _note(actor, listing, kind, channel)
    return listing


@transaction.atomic
def disengage(*, actor: Principal, listing_id: UUID, kind: Kind) -> Listing:
    """Take a like or a save back.

    Raises:
        NotFound: the actor may see no such listing.
    """
    listing = get_listing(actor, listing_id)
    _forget(actor, listing, kind)
    return listing


@transaction.atomic
def swipe(*, actor: Principal, listing_id: UUID, direction: Direction) -> Listing:
    """Swipe a card: to the right it is liked, to the left it stays out of the actor's feed.

    Raises:
        NotFound: the actor may see no such listing.
    """
    listing = get_listing(actor, listing_id)
    wanted = Kind.LIKE if direction == Direction.RIGHT else Kind.PASS
    _forget_opposite(actor, listing, wanted)
    _note(actor, listing, wanted)
    return listing


def _note(actor: Principal, listing: Listing, kind: Kind, channel: str = "") -> None:
    row = Engagement(user_id=actor.user_id, listing=listing, kind=kind, channel=channel)
    Engagement.objects.bulk_create([row], ignore_conflicts=True)


def _forget_opposite(actor: Principal, listing: Listing, kind: Kind) -> None:
    """Take back what cannot stand beside `kind`. Two swipes at once, which see nothing of each other, take turns."""
    wait_lock(f"explorer:swipe:{actor.user_id}:{listing.id}")
    _forget(actor, listing, _OPPOSITE[kind])


def _forget(actor: Principal, listing: Listing, kind: Kind) -> None:
    Engagement.objects.filter(user_id=actor.user_id, listing=listing, kind=kind).delete()
