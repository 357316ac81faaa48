"""What can be done on the marketplace, one sentence each."""

from explorer.services.applications import apply, decide_application, withdraw_application
from explorer.services.counting import roll_up_tallies
from explorer.services.engaging import disengage, engage, swipe
from explorer.services.listings import close_listing, create_listing, delete_listing, publish_listing, update_listing
from explorer.services.moderating import remove_listing, restore_listing
from explorer.services.withholding import follow_owner

__all__ = [
    "apply",
    "close_listing",
    "create_listing",
    "decide_application",
    "delete_listing",
    "disengage",
    "engage",
    "follow_owner",
    "publish_listing",
    "remove_listing",
    "restore_listing",
    "roll_up_tallies",
    "swipe",
    "update_listing",
    "withdraw_application",
]
