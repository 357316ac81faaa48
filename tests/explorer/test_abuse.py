"""What a hostile client may try on the marketplace; rows of the list of abuse cases."""

from time import monotonic

import pytest

from access.types import Principal
from accounts.models import User
from core.db.ids import uuid7
from explorer import services
from explorer.models import Application, Engagement, Listing
from tests.accounts.actors import PrincipalOf, SignedInClient
from tests.explorer.conftest import MakeListing

LISTINGS = "/v1/explorer/listings"
WRITES = ["patch:", "delete:", "post:/publish", "post:/close"]


@pytest.mark.parametrize("write", WRITES)
def test_row_31__listing_of_somebody_else__is_not_there_to_be_changed(
    client: SignedInClient, listing: Listing, write: str
) -> None:
    method, _, suffix = write.partition(":")

    answer = getattr(client, method)(f"{LISTINGS}/{listing.id}{suffix}", {}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    listing.refresh_from_db()
    assert (listing.rev, listing.status) == (1, "open")


@pytest.mark.parametrize("suffix", ["", "/applications"])
def test_row_31__draft_of_somebody_else__is_like_nothing(
    client: SignedInClient, make_listing: MakeListing, suffix: str
) -> None:
    draft = make_listing(status="draft")

    theirs, nobodys = (client.get(f"{LISTINGS}/{id_}{suffix}") for id_ in (draft.id, uuid7()))

    assert (theirs.status_code, theirs.json()["code"]) == (nobodys.status_code, nobodys.json()["code"])
    assert theirs.status_code == 404
    assert client.put(f"{LISTINGS}/{draft.id}/like").status_code == 404
    assert not Engagement.objects.exists()


def test_row_31__application_of_somebody_else__is_not_there(
    client: SignedInClient, listing: Listing, mentor: User, principal_of: PrincipalOf
) -> None:
    application = services.apply(actor=principal_of(mentor), listing_id=listing.id)
    there = f"/v1/explorer/applications/{application.id}"

    assert client.get(there).status_code == 404
    for action in ("withdraw", "shortlist", "accept", "decline"):
        assert client.post(f"{there}/{action}").status_code == 404
    assert client.get(f"{LISTINGS}/{listing.id}/applications").json()["data"] == []
    application.refresh_from_db()
    assert application.status == "submitted"


@pytest.mark.parametrize(
    "id_", ["1", "0", "-1", "../1", "%00", "null", "a" * 300, "00000000-0000-0000-0000-00000000000g"]
)
def test_row_32__what_is_no_id__is_404(client: SignedInClient, id_: str) -> None:
    assert client.get(f"{LISTINGS}/{id_}").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=%25%25%25%25", 422),
        ("q=" + "a+" * 10_000, 422),
        ("q=baker%20%26%20%7C%20!%20%3C-%3E%20(", 200),
        ("q=%27%29%3B%20DROP%20TABLE%20explorer_listing%3B--", 200),
        ("q=%22unclosed", 200),
        ("q=x%00y", 422),
        ("q=", 422),
        ("q=" + "%F0%9F%98%80" * 20, 422),
        ("near=91,0", 422),
        ("near=nan,nan", 422),
        ("near=52.5", 422),
        ("radius_km=5", 422),
        ("near=52,13&radius_km=1e308", 422),
        ("budget_min=NaN", 422),
        ("budget_min=99999999999999999999999", 422),
        ("category=anything", 422),
        ("is_remote=maybe", 422),
        ("ordering=owner__password", 422),
        ("owner__email=x", 422),
        ("limit=1000000", 422),
        ("cursor=c1.xxx.yyy", 400),
        ("tag=" + "x," * 199, 200),
    ],
)
def test_row_45__parameters_that_are_abused__are_refused_or_soon_done(
    client: SignedInClient, listing: Listing, query: str, status: int
) -> None:
    began = monotonic()

    answer = client.get(f"{LISTINGS}?{query}")

    assert answer.status_code == status, answer.content
    assert monotonic() - began < 2


def test_row_58__apply__to_what_is_closed_own_or_a_draft__changes_nothing(
    client: SignedInClient, owners: SignedInClient, make_listing: MakeListing, owner: Principal
) -> None:
    listing, draft = make_listing(), make_listing(status="draft")
    own = owners.post(f"{LISTINGS}/{listing.id}/apply", {}, format="json")
    services.close_listing(actor=owner, listing_id=listing.id)
    closed = client.post(f"{LISTINGS}/{listing.id}/apply", {}, format="json")
    hidden = client.post(f"{LISTINGS}/{draft.id}/apply", {}, format="json")

    assert (own.status_code, own.json()["code"]) == (409, "own_listing")
    assert (closed.status_code, closed.json()["code"]) == (409, "listing_closed")
    assert hidden.status_code == 404
    assert not Application.objects.exists()


@pytest.mark.parametrize("field", ["status", "owner_id", "engagement", "viewer", "rev", "version", "published_at"])
def test_row_33__fields_that_are_not_the_clients__are_422(owners: SignedInClient, listing: Listing, field: str) -> None:
    answer = owners.patch(f"{LISTINGS}/{listing.id}", {field: 1}, format="json")

    assert answer.status_code == 422
    listing.refresh_from_db()
    assert listing.rev == 1
