"""Keeping back the listings of people whose accounts are closed, and showing them again when they are reinstated."""

from uuid import UUID

from django.db import transaction

from core.db.advisory import wait_lock
from explorer.models import Listing
from explorer.selectors import is_in_business


@transaction.atomic
def follow_owner(*, owner_id: UUID) -> int:
    """Withhold somebody's listings while their account is closed, and only then; returns how many changed.

    What counts is how the account stands now: said twice, late or out of order, it comes to the same.
    """
    wait_lock(
        f"explorer:owner:{owner_id}"
    )  # whoever read before the account changed has written before the next one reads
    is_closed = not is_in_business(owner_id)
    return Listing.objects.filter(owner_id=owner_id).filter(is_withheld=not is_closed).update(is_withheld=is_closed)
