"""Counts while many people do things at once."""

from collections.abc import Mapping
from functools import partial
from threading import Event
from uuid import UUID

import pytest
from django.db import connection, transaction

from access.types import Principal
from accounts.models import User
from accounts.services import profile
from core.testing.races import race, repeat, winners
from events.services import dispatch
from explorer import search, selectors, services
from explorer.errors import AlreadyApplied, ListingClosed
from explorer.models import Application, Engagement, Listing, Tally, Term
from explorer.types import Direction, Kind
from tests.accounts.actors import MakeUser, PrincipalOf
from tests.explorer.conftest import MakeListing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def crowd(make_user: MakeUser, principal_of: PrincipalOf) -> list[Principal]:
    return [principal_of(make_user()) for _ in range(12)]


def counts(listing: Listing) -> Mapping[str, int]:
    return selectors.standing_of(listing.owner_id, [listing.id]).engagement(listing.id)


def test_likes__of_many_at_once__count_each_person_once(listing: Listing, crowd: list[Principal]) -> None:
    like = [partial(services.engage, actor=person, listing_id=listing.id, kind=Kind.LIKE) for person in crowd]

    results = race(*like, *like)

    assert len(winners(results)) == len(results), results
    assert counts(listing)["likes"] == Engagement.objects.count() == len(crowd)


def test_likes__taken_back_and_rolled_up_at_once__are_what_is_there(listing: Listing, crowd: list[Principal]) -> None:
    for person in crowd[:6]:
        services.engage(actor=person, listing_id=listing.id, kind=Kind.LIKE)

    results = race(
        *[partial(services.disengage, actor=person, listing_id=listing.id, kind=Kind.LIKE) for person in crowd[:6]],
        *[partial(services.engage, actor=person, listing_id=listing.id, kind=Kind.LIKE) for person in crowd[6:]],
        *repeat(services.roll_up_tallies, 4),
    )

    assert len(winners(results)) == len(results), results
    assert counts(listing)["likes"] == Engagement.objects.count() == 6
    services.roll_up_tallies()
    assert list(Tally.objects.filter(listing_id=listing.id).values_list("kind", "number")) == [("like", 6)]


def test_opposite_orders__of_listings__do_not_block_each_other(
    make_listing: MakeListing, crowd: list[Principal]
) -> None:
    listings = [make_listing() for _ in range(4)]

    def like_all(person: Principal, ids: list[UUID]) -> None:
        for listing_id in ids:
            services.engage(actor=person, listing_id=listing_id, kind=Kind.LIKE)

    ids = [listing.id for listing in listings]
    results = race(*[partial(like_all, person, ids[:: 1 - 2 * (at % 2)]) for at, person in enumerate(crowd)])

    assert len(winners(results)) == len(results), results
    assert [counts(listing)["likes"] for listing in listings] == [len(crowd)] * 4


def test_applications__of_one_person_at_once__are_one(listing: Listing, visitor: Principal) -> None:
    results = race(*repeat(partial(services.apply, actor=visitor, listing_id=listing.id), 8))

    assert len(winners(results)) == 1
    assert all(isinstance(result, AlreadyApplied | Application) for result in results), results
    assert counts(listing)["applications"] == 1


def test_applications__while_it_closes__are_none_afterwards(
    listing: Listing, owner: Principal, crowd: list[Principal]
) -> None:
    results = race(
        partial(services.close_listing, actor=owner, listing_id=listing.id),
        *[partial(services.apply, actor=person, listing_id=listing.id) for person in crowd],
    )

    assert all(isinstance(result, ListingClosed | Application | Listing) for result in results), results
    assert counts(listing)["applications"] == Application.objects.count() == len(winners(results)) - 1


def test_erasing__people_who_liked__counts_them_no_more(listing: Listing, crowd: list[Principal]) -> None:
    for person in crowd[:3]:
        services.engage(actor=person, listing_id=listing.id, kind=Kind.LIKE)

    Engagement.objects.filter(user_id=crowd[0].user_id).delete()

    assert counts(listing)["likes"] == 2


def test_swipes__both_ways_at_once__leave_one_of_the_two(listing: Listing, crowd: list[Principal]) -> None:
    for person in crowd[:6]:
        swipe = [
            partial(services.swipe, actor=person, listing_id=listing.id, direction=direction)
            for direction in (Direction.LEFT, Direction.RIGHT)
        ]
        like = partial(services.engage, actor=person, listing_id=listing.id, kind=Kind.LIKE)

        results = race(*swipe, *swipe, like, *swipe, *swipe)

        assert len(winners(results)) == len(results), results
        assert Engagement.objects.filter(user_id=person.user_id).count() == 1
    assert counts(listing)["likes"] == Engagement.objects.filter(kind=Kind.LIKE).count()


def test_publishing__while_the_owner_is_suspended__is_withheld_in_the_end(
    owner: Principal, make_listing: MakeListing, staff: User
) -> None:
    def suspended() -> None:
        profile.suspend(actor=staff.pk, user_id=owner.user_id, reason="Fraud")

    race(suspended, *repeat(make_listing, 4), *repeat(dispatch, 2))
    while dispatch():
        pass

    assert Listing.objects.filter(is_withheld=True).count() == Listing.objects.count()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, who keeps all others waiting")
def test_forget_unused__word_that_is_just_being_learnt__stays(make_listing: MakeListing) -> None:
    make_listing(title="Zyxomma").delete()
    learnt, forgotten = Event(), Event()

    def write() -> None:
        with transaction.atomic():
            make_listing(title="Zyxomma")
            learnt.set()
            assert forgotten.wait(30)

    def clear_away() -> None:
        assert learnt.wait(30)
        try:
            search.forget_unused()
        finally:
            forgotten.set()

    assert len(winners(race(write, clear_away))) == 2
    assert Term.objects.filter(word="zyxomma").exists()
