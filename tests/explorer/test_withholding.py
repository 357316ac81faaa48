"""Listings of people whose accounts are closed: gone from everywhere, until their owner is reinstated."""

from typing import Any

import pytest

from access.types import Principal
from accounts.models import User
from accounts.services import closing, profile
from core.errors import NotFound
from core.testing.queries import counted_queries
from events.models import OutboxEvent
from events.selectors import version_of
from events.services import dispatch
from events.services.delivery import _published
from explorer import selectors, services
from explorer.models import Application, Listing
from explorer.subscribers import follow_owner
from explorer.types import Kind
from tests.accounts.actors import SignedInClient
from tests.explorer.conftest import MakeListing

pytestmark = pytest.mark.django_db

LISTINGS = "/v1/explorer/listings"


def suspend(person: Principal, staff: User) -> None:
    profile.suspend(actor=staff.pk, user_id=person.user_id, reason="Fraud")


def reinstate(person: Principal, staff: User) -> None:
    profile.reinstate(actor=staff.pk, user_id=person.user_id, reason="A mistake")


def deliver() -> None:
    while dispatch():
        pass


def titles(client: SignedInClient, path: str, **headers: Any) -> list[str]:
    answer = client.get(path, **headers)
    assert answer.status_code == 200, answer.content
    return [each["title"] for each in answer.json()["data"]]


def test_listings__of_somebody_suspended__are_gone_from_everywhere_and_come_back(
    client: SignedInClient, owner: Principal, visitor: Principal, make_listing: MakeListing, staff: User
) -> None:
    listing, closed = make_listing(), make_listing(title="Closed")
    services.close_listing(actor=owner, listing_id=closed.id)
    own = make_listing(actor=visitor, title="Own")
    deliver()
    here, versions = f"{LISTINGS}/{listing.id}", {"scopes": ["all"], "collections": ["explorer_listings"]}
    found = {
        LISTINGS: ["Own", "Python developer"],
        f"{LISTINGS}?q=developer": ["Python developer"],
        f"{LISTINGS}?q=developer&category=job": ["Python developer"],
        f"{LISTINGS}?ordering=-updated_at&category=job": ["Own", "Python developer"],
        f"{LISTINGS}?tag=python": ["Own", "Python developer"],
        f"{LISTINGS}?status=closed": ["Closed"],
        "/v1/feed": ["Python developer"],
    }
    assert {path: titles(client, path) for path in found} == found  # rendered, and kept from here on
    tags = {path: client.get(path)["ETag"] for path in found}
    before = version_of(**versions)

    suspend(owner, staff)
    deliver()

    assert {path: titles(client, path, HTTP_IF_NONE_MATCH=tags[path]) for path in found} == {
        path: ["Own"] if "Own" in shown else [] for path, shown in found.items()
    }
    assert client.get(f"{LISTINGS}/facets").json()["total"] == 1
    answers = [client.get(here), client.put(f"{here}/like"), client.post(f"{here}/apply", {}, format="json")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert version_of(**versions) != before
    assert selectors.find_shown(visitor, listing.id) is None
    own.refresh_from_db()
    assert (own.is_withheld, own.rev) == (False, 1)

    reinstate(owner, staff)
    deliver()

    again = {path: sorted(shown) for path, shown in found.items()}  # being shown anew is a change of a listing
    assert {path: sorted(titles(client, path)) for path in found} == again
    assert client.post(f"{here}/apply", {}, format="json").status_code == 201


def test_application__before_anybody_has_heard_of_the_suspension__is_refused(
    owner: Principal, visitor: Principal, listing: Listing, staff: User
) -> None:
    suspend(owner, staff)

    with pytest.raises(NotFound):
        services.apply(actor=visitor, listing_id=listing.id)

    assert not Application.objects.exists()


def test_events__told_twice_and_late__leave_listings_as_their_owner_stands_now(
    owner: Principal, listing: Listing, staff: User
) -> None:
    suspend(owner, staff)
    deliver()
    listing.refresh_from_db()
    assert (listing.is_withheld, listing.rev) == (True, 2)
    reinstate(owner, staff)
    told = [_published(event) for event in OutboxEvent.objects.filter(aggregate_id=owner.user_id).order_by("-id")]

    for event in [*told, *told]:  # the last one first
        follow_owner(event)

    listing.refresh_from_db()
    assert (listing.is_withheld, listing.rev, listing.status) == (False, 3, "open")


def test_listing__published_while_its_owner_is_suspended__is_withheld_like_the_others(
    owner: Principal, make_listing: MakeListing, staff: User
) -> None:
    suspend(owner, staff)
    deliver()

    late = make_listing()  # a request that had begun before
    deliver()

    late.refresh_from_db()
    assert late.is_withheld


def test_listing__of_somebody_suspended__does_not_come_back_by_what_staff_or_time_do(
    client: SignedInClient, owner: Principal, listing: Listing, staff: User
) -> None:
    suspend(owner, staff)
    deliver()

    services.remove_listing(actor_id=staff.pk, listing_id=listing.id, reason="Fraud.")
    services.restore_listing(actor_id=staff.pk, listing_id=listing.id)

    assert titles(client, f"{LISTINGS}?status=closed") == []


def test_lists__however_people_stand__look_at_nobody(client: SignedInClient, listing: Listing) -> None:
    services.engage(actor=client.principal, listing_id=listing.id, kind=Kind.VIEW)
    titles(client, LISTINGS)
    for path in (LISTINGS, f"{LISTINGS}?q=developer", f"{LISTINGS}/{listing.id}"):
        with counted_queries() as counted:
            client.get(path)
        about = [statement for statement in counted.statements if "explorer_listing" in statement]
        assert len(about) == 1, str(counted)
        assert "accounts_user" not in about[0]


def test_listings__of_somebody_who_leaves__are_gone_before_they_are_erased(
    client: SignedInClient, owner: Principal, make_listing: MakeListing
) -> None:
    make_listing()
    closing.close(user_id=owner.user_id)
    deliver()

    assert titles(client, LISTINGS) == []
    assert Listing.objects.count() == 1
