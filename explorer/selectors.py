"""Reading the marketplace. What a caller may see is decided in `managers.py`."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from access.types import Principal
from accounts.selectors import find_user
from core.db.binary import Row, fetch
from core.db.composed import Query, rows_with
from core.errors import NotFound
from explorer.managers import ApplicationQuerySet, ListingQuerySet
from explorer.models import Application, Listing, Tag
from explorer.types import COUNTED, UNCOUNTED, Facets, Standing

MAX_COUNTED = 5_000  # listings that facets are counted of
MAX_TAGS = 20  # that facets name

_STANDING = """
SELECT listing_id, kind, CAST(sum(number) AS bigint) AS number, 0 AS own FROM explorer_tally
WHERE listing_id IN (SELECT id FROM page) GROUP BY listing_id, kind
UNION ALL
SELECT listing_id, kind, 0, 1 FROM explorer_engagement
WHERE user_id = %s AND listing_id IN (SELECT id FROM page) AND kind IN ('like', 'save')
UNION ALL
SELECT listing_id, 'apply', 0, 1 FROM explorer_application
WHERE applicant_id = %s AND listing_id IN (SELECT id FROM page) AND status <> 'withdrawn'"""
# The listings are one parameter, however many they are, so that there is one statement to prepare.
_STANDING_OF = {
    "postgresql": f"WITH page (id) AS (SELECT unnest(CAST(%s AS uuid[]))) {_STANDING}",
    "sqlite": f"WITH page (id) AS (SELECT value FROM json_each(%s)) {_STANDING}",  # noqa: S608  constants
}
# The rows of a query in their order, after what is told of their listings.
_WITH_STANDING = f"""
WITH page AS (SELECT found.*, row_number() OVER () AS place FROM ({{rows}}) AS found)
SELECT page.*, NULL AS kind, 0 AS number, 0 AS own FROM page
UNION ALL
SELECT listing_id, {{others}} 0, kind, number, own FROM ({_STANDING}) AS standing
ORDER BY place"""  # noqa: S608  constants


def list_open(principal: Principal) -> ListingQuerySet:
    """What everybody may find now, but for people who block each other."""
    listings: ListingQuerySet = Listing.objects.all()
    return listings.open().unblocked(principal)


def list_visible(principal: Principal) -> ListingQuerySet:
    """Everything that the caller may read: closed listings too, and all of their own."""
    listings: ListingQuerySet = Listing.objects.all()
    return listings.visible_to(principal)


def get_listing(principal: Principal, listing_id: UUID) -> Listing:
    """Raises: NotFound, where the caller may see no such listing."""
    found: Listing | None = list_visible(principal).filter(id=listing_id).first()
    if found is None:
        raise NotFound
    return found


def find_shown(principal: Principal, listing_id: UUID) -> Listing | None:
    """A listing that the caller could see if nobody blocked anybody: a block is no shelter from reports."""
    listings: ListingQuerySet = Listing.objects.all()
    found: Listing | None = listings.shown_to(principal).filter(id=listing_id).first()
    return found


def is_in_business(owner_id: UUID) -> bool:
    """Whether somebody's account is open at this moment; it is closed while they are suspended, and for good when they
    leave. One query."""
    owner = find_user(owner_id)
    return owner is not None and owner.is_active


def list_applications(principal: Principal) -> ApplicationQuerySet:
    """Those that the caller sent, and those to the caller's listings."""
    applications: ApplicationQuerySet = Application.objects.all()
    return applications.visible_to(principal)


def list_applications_to(principal: Principal, *, listing_id: UUID) -> ApplicationQuerySet:
    return list_applications(principal).filter(listing_id=listing_id)


def list_tags() -> QuerySet[Tag]:
    return Tag.objects.all()


def rows_and_standing(user_id: UUID, listings: Query, columns: Sequence[str]) -> tuple[list[Row], Standing]:
    """Listings as rows of `columns`, of which the first is the id, and how they stand. One query."""
    sql = _WITH_STANDING.replace("{others}", "NULL, " * (len(columns) - 1))
    told: list[Row] = []
    rows: list[Row] = []
    for row in rows_with(listings, columns, sql, user_id, user_id):
        (rows if row[-3] is None else told).append(row)
    return rows, _standing((row[0], *row[-3:]) for row in told)


def standing_of(user_id: UUID, listing_ids: Sequence[UUID]) -> Standing:
    """How listings stand, and what somebody did with them. One query, at most a page of listings."""
    if not listing_ids:
        return Standing()
    numbers = [each.hex for each in listing_ids]
    if connection.vendor == "postgresql":
        return _standing(fetch(_STANDING_OF["postgresql"], (f"{{{','.join(numbers)}}}", user_id, user_id)))
    rows = fetch(_STANDING_OF["sqlite"], (json.dumps(numbers), user_id.hex, user_id.hex))
    return _standing((UUID(listing), *told) for listing, *told in rows)


def _standing(told: Iterable[Row]) -> Standing:
    """What rows of listing, kind, number and whether it is the reader's own say together."""
    counts: dict[UUID, dict[str, int]] = {}
    own: dict[UUID, set[str]] = {}
    for listing_id, kind, number, is_own in told:
        if is_own:
            own.setdefault(listing_id, set()).add(kind)
        else:
            counts.setdefault(listing_id, {**UNCOUNTED})[COUNTED[kind]] = number
    return Standing(counts, {listing_id: frozenset(kinds) for listing_id, kinds in own.items()})


def facets_of(listings: QuerySet[Listing]) -> Facets:
    """How many listings are of which kind. One query, of at most `MAX_COUNTED`."""
    columns = ("category", "employment_type", "is_remote", "expertise_tags")
    found = list(listings.order_by().values_list(*columns)[: MAX_COUNTED + 1])
    counted = found[:MAX_COUNTED]
    labels = {tag["slug"]: tag["label"] for row in counted for tag in row[3]}
    tags = Counter(tag["slug"] for row in counted for tag in row[3])
    ranked = sorted(tags.items(), key=lambda each: (-each[1], each[0]))[:MAX_TAGS]
    return Facets(
        total=len(counted),
        is_capped=len(found) > MAX_COUNTED,
        category=_counted(row[0] for row in counted),
        employment_type=_counted(row[1] for row in counted if row[1]),
        is_remote=_counted(str(row[2]).lower() for row in counted),
        expertise_tags=[{"slug": slug, "label": labels[slug], "count": count} for slug, count in ranked],
    )


def _counted(words: Any) -> dict[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda each: (-each[1], each[0])))
