"""The marketplace as clients see it, on both surfaces."""

from typing import Any

import pytest

from access.types import Principal
from core.money import Money
from explorer import services
from explorer.models import Engagement, Listing
from explorer.types import Kind
from tests.accounts.actors import SignedInClient
from tests.explorer.conftest import DJANGO, PYTHON, MakeListing

LISTINGS = "/v1/explorer/listings"
ENGAGEMENT = {"views": 0, "likes": 0, "saves": 0, "applications": 0, "shares": 0}
VIEWER = {"liked": False, "saved": False, "applied": False}

SENT: dict[str, Any] = {
    "category": "project",
    "title": "Booking flow",
    "description": "Three screens.",
    "organization": "Nordlicht",
    "location": "Berlin",
    "latitude": 52.52,
    "longitude": 13.4,
    "is_remote": True,
    "employment_type": "contract",
    "budget": {"amount": "1250.00", "currency": "EUR"},
    "budget_period": "fixed",
    "duration": "3 weeks",
    "expertise_tags": [{"slug": "ux", "label": "UX", "weight": 30}, PYTHON],
}


def titles(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [listing["title"] for listing in response.json()["data"]]


def test_create__everything_said__is_shown_on_both_surfaces(owners: SignedInClient) -> None:
    created = owners.post(LISTINGS, SENT, format="json")

    assert created.status_code == 201, created.content
    body = created.json()
    here = f"{LISTINGS}/{body['id']}"
    times = {name: body[name] for name in ("published_at", "created_at", "updated_at")}
    assert created["Location"] == here
    assert body == {
        **SENT,
        "id": body["id"],
        "budget": {"amount": "1250.00", "currency": "EUR", "minor_units": 125000, "formatted": "€1,250.00"},
        "expertise_tags": [PYTHON, {"slug": "ux", "label": "UX", "weight": 30}],
        "status": "open",
        "engagement": ENGAGEMENT,
        "viewer": VIEWER,
        "owner_id": str(owners.principal.user_id),
        "version": 1,
        **times,
        "_links": {
            "self": {"href": here, "method": "GET"},
            "like": {"href": f"{here}/like", "method": "PUT"},
            "save": {"href": f"{here}/save", "method": "PUT"},
            "share": {"href": f"{here}/share", "method": "POST"},
            "update": {"href": here, "method": "PATCH"},
            "close": {"href": f"{here}/close", "method": "POST"},
            "applications": {"href": f"{here}/applications", "method": "GET"},
        },
    }
    camel = owners.get(f"/api/explorer/listings/{body['id']}").json()
    assert camel["expertiseTags"] == body["expertise_tags"]
    assert camel["budget"]["minorUnits"] == 125000
    assert (camel["isRemote"], camel["employmentType"]) == (True, "contract")
    assert (camel["engagement"], camel["viewer"]) == (ENGAGEMENT, VIEWER)
    assert owners.get(here).json() == body


def test_list__without_filters__is_what_is_open_newest_first(client: SignedInClient, make_listing: MakeListing) -> None:
    make_listing(title="First")
    make_listing(title="Second")
    make_listing(title="Draft", status="draft")

    answer = client.get(LISTINGS)

    assert titles(answer) == ["Second", "First"]
    assert answer.json()["page"] == {"next": None, "previous": None, "limit": 25}
    assert client.get("/api/explorer/listings")["Cache-Control"] == "private, max-age=60, stale-if-error=86400"


def test_list__of_the_caller__has_drafts_and_closed_ones(
    owners: SignedInClient, client: SignedInClient, make_listing: MakeListing, owner: Principal
) -> None:
    make_listing(title="Draft", status="draft")
    services.close_listing(actor=owner, listing_id=make_listing(title="Closed").id)

    assert titles(owners.get(f"{LISTINGS}?mine=true")) == ["Closed", "Draft"]
    assert titles(owners.get(f"{LISTINGS}?status=draft")) == ["Draft"]
    assert titles(client.get(f"{LISTINGS}?status=draft")) == []
    assert titles(client.get(f"{LISTINGS}?status=closed")) == ["Closed"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=gig", ["Logo"]),
        ("category=gig&category=job", ["Logo", "Backend"]),
        ("is_remote=true", ["Backend"]),
        ("employment_type=contract", ["Backend"]),
        ("tag=django", ["Backend"]),
        ("tag=django,ux", ["Logo", "Backend"]),
        ("organization=NORDLICHT", ["Logo"]),
        ("budget_min=50000&currency=EUR", ["Backend"]),
        ("budget_max=49999", ["Logo"]),
        ("near=52.5,13.4&radius_km=10", ["Backend"]),
        ("near=52.4,13.06", ["Logo", "Backend"]),
        ("q=logo", ["Logo"]),
        ("q=backnd&category=gig", []),
        ("ordering=published_at", ["Backend", "Logo"]),
    ],
)
def test_list__with_filters__is_what_they_let_through(
    client: SignedInClient, make_listing: MakeListing, query: str, expected: list[str]
) -> None:
    berlin, potsdam = {"latitude": 52.52, "longitude": 13.405}, {"latitude": 52.39, "longitude": 13.06}
    make_listing(
        title="Backend", is_remote=True, employment_type="contract", budget=Money(50_000, "EUR"),
        expertise_tags=[DJANGO], **berlin,
    )  # fmt: skip
    make_listing(
        title="Logo", category="gig", organization="Nordlicht", budget=Money(20_000, "EUR"),
        expertise_tags=[{"slug": "ux", "label": "UX", "weight": 9}], **potsdam,
    )  # fmt: skip

    assert titles(client.get(f"{LISTINGS}?{query}")) == expected


def test_search__page_by_page__shows_each_once_best_first(client: SignedInClient, make_listing: MakeListing) -> None:
    for number in range(7):
        make_listing(title=f"Baker {number}", description="baker " * (number % 3), expertise_tags=[])
    whole = titles(client.get(f"{LISTINGS}?q=baker"))

    page, paged = client.get(f"{LISTINGS}?q=baker&limit=2"), []
    while True:
        paged += titles(page)
        if page.json()["page"]["next"] is None:
            break
        page = client.get(f"{LISTINGS}?q=baker&limit=2&cursor={page.json()['page']['next']}")

    assert paged == whole
    assert sorted(paged) == [f"Baker {number}" for number in range(7)]


@pytest.mark.parametrize(
    ("call", "counted", "seen"),
    [
        (("put", "like", None), {"likes": 1}, {"liked": True}),
        (("put", "save", None), {"saves": 1}, {"saved": True}),
        (("post", "view", None), {"views": 1}, {}),
        (("post", "share", {"channel": "email"}), {"shares": 1}, {}),
        (("post", "swipe", {"direction": "right"}), {"likes": 1}, {"liked": True}),
        (("post", "swipe", {"direction": "left"}), {}, {}),
    ],
)
def test_engaging__twice__counts_once_on_every_surface(
    client: SignedInClient, listing: Listing, call: tuple[str, str, Any], counted: Any, seen: Any
) -> None:
    method, action, body = call
    for _ in range(2):
        answer = getattr(client, method)(f"{LISTINGS}/{listing.id}/{action}", body, format="json")
        assert answer.status_code == 200, answer.content
        assert answer.json()["engagement"] == {**ENGAGEMENT, **counted}
        assert answer.json()["viewer"] == {**VIEWER, **seen}

    [shown] = client.get("/api/explorer/listings").json()["data"]
    assert shown["engagement"] == {**ENGAGEMENT, **counted}
    assert shown["viewer"] == {**VIEWER, **seen}


@pytest.mark.parametrize(("action", "kind"), [("like", Kind.LIKE), ("save", Kind.SAVE)])
def test_engaging__taken_back__counts_no_more(
    client: SignedInClient, listing: Listing, action: str, kind: Kind
) -> None:
    services.engage(actor=client.principal, listing_id=listing.id, kind=kind)

    for _ in range(2):
        answer = client.delete(f"{LISTINGS}/{listing.id}/{action}")
        assert (answer.status_code, answer.json()["engagement"], answer.json()["viewer"]) == (200, ENGAGEMENT, VIEWER)


def test_like_and_pass__one_after_the_other__never_stand_at_once(client: SignedInClient, listing: Listing) -> None:
    here = f"{LISTINGS}/{listing.id}"

    def stands() -> list[str]:
        return list(Engagement.objects.filter(listing=listing).values_list("kind", flat=True))

    client.post(f"{here}/swipe", {"direction": "left"}, format="json")
    assert stands() == ["pass"]
    liked = client.put(f"{here}/like").json()
    assert (liked["engagement"]["likes"], liked["viewer"]["liked"], stands()) == (1, True, ["like"])
    passed = client.post(f"{here}/swipe", {"direction": "left"}, format="json").json()
    assert (passed["engagement"]["likes"], passed["viewer"]["liked"], stands()) == (0, False, ["pass"])
    client.post(f"{here}/swipe", {"direction": "right"}, format="json")
    assert stands() == ["like"]
    assert client.delete(f"{here}/like").json()["engagement"] == ENGAGEMENT
    assert stands() == []


def test_application__sent_and_withdrawn__is_counted_while_it_stands(
    client: SignedInClient, owners: SignedInClient, listing: Listing
) -> None:
    here = f"{LISTINGS}/{listing.id}"

    sent = client.post(f"{here}/apply", {"message": "I would like to."}, format="json")

    assert sent.status_code == 201, sent.content
    application = sent.json()
    there = f"/v1/explorer/applications/{application['id']}"
    assert sent["Location"] == there
    assert application["_links"] == {
        "self": {"href": there, "method": "GET"},
        "withdraw": {"href": f"{there}/withdraw", "method": "POST"},
    }
    assert client.get(here).json()["viewer"] == {**VIEWER, "applied": True}
    [received] = owners.get(f"{here}/applications").json()["data"]
    assert (received["message"], received["status"]) == ("I would like to.", "submitted")
    assert {"shortlist", "accept", "decline"} <= received["_links"].keys()
    assert client.post(f"{here}/apply", {}, format="json").json()["code"] == "already_applied"

    assert client.post(f"{there}/withdraw").json()["status"] == "withdrawn"
    assert client.get(here).json()["engagement"] == ENGAGEMENT
    assert client.post(f"{here}/apply", {}, format="json").status_code == 201
    assert client.get(here).json()["engagement"] == {**ENGAGEMENT, "applications": 1}
    assert owners.post(f"{there}/accept").json()["status"] == "accepted"
    late = client.post(f"{there}/withdraw")
    assert (late.status_code, late.json()["code"]) == (409, "invalid_state")
