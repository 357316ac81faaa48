"""What people may report on the marketplace."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from core.contributions.safety import Subject, reportable
from core.errors import NotFound
from explorer import selectors, services
from explorer.errors import InvalidListingState
from explorer.scopes import MODERATE


def _find(principal: Any, listing_id: UUID) -> Subject | None:
    listing = selectors.find_shown(principal, listing_id)
    return Subject(listing.owner_id, listing.title) if listing else None


def _remove(actor_id: UUID, listing_id: UUID, reason: str) -> None:
    with suppress(InvalidListingState, NotFound):  # removed before, or gone
        services.remove_listing(actor_id=actor_id, listing_id=listing_id, reason=reason)


reportable("listing", find=_find, remove=_remove, scope=MODERATE)
