"""The feed: what it shows, in which order, and why."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from core.testing.queries import counted_queries
from explorer import services
from explorer.models import Listing
from explorer.types import Direction, Kind
from tests.accounts.actors import SignedInClient
from tests.explorer.conftest import PYTHON, MakeListing

FEED = "/v1/feed"
BAKING = {"slug": "baking", "label": "Baking", "weight": 80}


def shown(client: SignedInClient, query: str = "") -> list[tuple[str, list[str]]]:
    answer = client.get(f"{FEED}{query}")
    assert answer.status_code == 200, answer.content
    return [(one["title"], [reason["code"] for reason in one["reasons"]]) for one in answer.json()["data"]]


def test_feed__of_a_newcomer__is_what_is_new(client: SignedInClient, make_listing: MakeListing) -> None:
    make_listing(title="New")
    old = make_listing(title="Old")
    Listing.objects.filter(id=old.id).update(published_at=timezone.now() - timedelta(days=20))

    assert shown(client) == [("New", ["new"]), ("Old", ["open"])]


def test_feed__after_likes__begins_with_what_matches_and_says_so(
    client: SignedInClient, make_listing: MakeListing
) -> None:
    liked = make_listing(title="Liked", latitude=52.5, longitude=13.4, expertise_tags=[BAKING])
    make_listing(title="Python", is_remote=True)
    make_listing(title="Baker", latitude=52.52, longitude=13.41, expertise_tags=[BAKING])
    services.engage(actor=client.principal, listing_id=liked.id, kind=Kind.LIKE)
    services.engage(actor=client.principal, listing_id=liked.id, kind=Kind.SAVE)

    first, _, last = client.get(FEED).json()["data"]

    assert {first["title"], last["title"]} <= {"Liked", "Baker", "Python"}
    assert first["reasons"] == [
        {"code": "expertise", "label": "Matches Baking"},
        {"code": "nearby", "label": "Near what you looked at"},
        {"code": "new", "label": "New this week"},
    ]
    assert (last["title"], [reason["code"] for reason in last["reasons"]]) == ("Python", ["remote", "new"])


def test_feed__what_is_own_passed_applied_to_or_closed__is_not_in_it(
    client: SignedInClient, make_listing: MakeListing
) -> None:
    passed, applied, closed = (make_listing(title=title) for title in ("Passed", "Applied", "Closed"))
    make_listing(title="Own", actor=client.principal)
    make_listing(title="Left")
    services.swipe(actor=client.principal, listing_id=passed.id, direction=Direction.LEFT)
    services.apply(actor=client.principal, listing_id=applied.id)
    Listing.objects.filter(id=closed.id).update(status="closed")

    assert [title for title, _ in shown(client)] == ["Left"]


def test_feed__page_by_page__shows_each_once(client: SignedInClient, make_listing: MakeListing) -> None:
    for number in range(5):
        make_listing(title=f"Number {number}", expertise_tags=[PYTHON])
    first = client.get(f"{FEED}?limit=3").json()
    second = client.get(f"{FEED}?limit=3&cursor={first['page']['next']}").json()

    paged = [one["title"] for page in (first, second) for one in page["data"]]
    assert sorted(paged) == [f"Number {number}" for number in range(5)]
    assert second["page"]["next"] is None
    assert client.get("/api/explorer/feed").json()["data"][0]["expertiseTags"] == [PYTHON]


@pytest.mark.parametrize("is_known", [False, True])
def test_feed__one_listing_or_many__costs_the_same(
    client: SignedInClient, make_listing: MakeListing, is_known: bool
) -> None:
    liked = make_listing()
    if is_known:
        services.engage(actor=client.principal, listing_id=liked.id, kind=Kind.LIKE)
    client.get(FEED)
    cache.clear()
    with counted_queries() as few:
        client.get(FEED)
    for _ in range(20):
        make_listing()
    cache.clear()
    with counted_queries() as many:
        client.get(FEED)

    assert len(few) == len(many) <= 12, str(many)
