"""What can be wrong with a wish about a listing."""

from core.errors import Conflict, Invalid


class ListingClosed(Conflict):
    code = "listing_closed"
    detail = "This listing takes no more applications."


class AlreadyApplied(Conflict):
    code = "already_applied"
    detail = "You have applied to this listing before."


class OwnListing(Conflict):
    code = "own_listing"
    detail = "This listing is your own."


class InvalidListingState(Conflict):
    code = "invalid_state"
    detail = "A listing with this status cannot get that one."


class InvalidApplicationState(Conflict):
    code = "invalid_state"
    detail = "This application has ended already."


class UnsearchableText(Invalid):
    code = "unsearchable"
    detail = "There is no word in it to search for."
