"""Whose change feed tells of listings: everybody's. What people do with them is in nobody's."""

from core.contributions.feed import tracked
from explorer.models import Listing

tracked(Listing, "explorer_listings")
