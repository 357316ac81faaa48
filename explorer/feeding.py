"""The feed of one person: a bounded choice of open listings, ranked. The same few queries however much there is."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from access.types import Principal
from explorer.geo import Place
from explorer.models import Application, Engagement, Listing, ListingTag
from explorer.ranking import Candidate, Ranked, Signal, Taste, ranked, taste_of
from explorer.selectors import list_open
from explorer.types import Kind

MAX_SIGNALS = 300  # of what somebody did last
MAX_NEWEST, MAX_MATCHING = 200, 300  # listings that are judged

_COLUMNS = ("id", "published_at", "expertise_tags", "latitude", "longitude", "is_remote")


def feed_of(principal: Principal) -> list[Ranked]:
    """What the person may want to see, best first: nothing of their own, or that they passed or applied to."""
    did = _did(principal.user_id)
    taste = _taste(did)
    done = {listing_id for listing_id, kind in did if kind in {Kind.PASS, "apply"}}
    rows = _candidates(principal, taste)
    return ranked([_candidate(row) for row in rows if row[0] not in done], taste, timezone.now())


def _did(user_id: UUID) -> list[tuple[UUID, str]]:
    """What somebody did last: applications first, then all else, the newest first."""
    applied = Application.objects.filter(applicant_id=user_id).order_by("-id").values_list("listing_id", flat=True)
    engaged = Engagement.objects.filter(user_id=user_id).order_by("-created_at").values_list("listing_id", "kind")
    return [*((listing_id, "apply") for listing_id in applied[:MAX_SIGNALS]), *engaged[:MAX_SIGNALS]]


def _taste(did: list[tuple[UUID, str]]) -> Taste:
    known = Listing.objects.filter(id__in={listing_id for listing_id, _ in did}).values_list(*_COLUMNS)
    listings = {row[0]: _candidate(row) for row in known} if did else {}
    return taste_of(Signal(kind, listings[id_].tags, listings[id_].place) for id_, kind in did if id_ in listings)


def _candidates(principal: Principal, taste: Taste) -> Iterable[tuple[Any, ...]]:
    """The newest open listings, and the newest of those that match."""
    others = list_open(principal).exclude(owner_id=principal.user_id)
    newest = others.order_by("-published_at", "-id").values_list(*_COLUMNS)[:MAX_NEWEST]
    found = {row[0]: row for row in newest}
    if favourites := taste.favourites:
        tagged = (
            ListingTag.objects.filter(tag__in=favourites).order_by("-listing_id").values_list("listing_id", flat=True)
        )
        matching = set(tagged[:MAX_MATCHING]) - found.keys()
        found |= {row[0]: row for row in others.filter(id__in=matching).values_list(*_COLUMNS)}
    return found.values()


def _candidate(row: tuple[Any, ...]) -> Candidate:
    id_, published_at, tags, latitude, longitude, is_remote = row
    return Candidate(id_, published_at, tags, None if latitude is None else Place(latitude, longitude), is_remote)
