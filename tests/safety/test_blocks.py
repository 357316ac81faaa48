"""Blocks, and what they keep apart: listings, mentors, calendars. Both ways, at once, also where something is kept."""

from typing import Any

import pytest

from access.types import Principal
from accounts.models import User
from calendar_app import services as calendar
from calendar_app.models import CalendarShare
from calendar_app.types import ShareLevel
from core.db.ids import uuid7
from core.errors import NotFound
from core.testing.queries import counted_queries
from events.models import OutboxEvent
from events.services import dispatch
from explorer import services as explorer
from explorer.models import Listing
from explorer.types import Category, Kind
from mentors import services as mentors
from safety import selectors, services
from safety.models import Block
from safety.types import ReportReason
from tests.accounts.actors import SignedInClient, SignIn
from tests.mentors.conftest import NOON, TUESDAY_TEN, make_mentor
from tests.safety.conftest import somebody

pytestmark = pytest.mark.django_db

BLOCKS, LISTINGS = "/v1/blocks", "/v1/explorer/listings"
TUESDAY = "from=2026-11-24&to=2026-11-25&timezone=Europe/Berlin&duration=60"


def test_block__set_shown_and_ended__may_be_said_twice(client: SignedInClient, buyer: User) -> None:
    here = f"{BLOCKS}/{buyer.pk}"
    first, again = client.put(here), client.put(here)

    assert (first.status_code, again.status_code) == (200, 200)
    body = first.json()
    assert body == {
        "user_id": str(buyer.pk),
        "created_at": body["created_at"],
        "_links": {"self": {"href": here, "method": "GET"}, "unblock": {"href": here, "method": "DELETE"}},
    }
    assert again.json() == body == client.get(here).json()
    assert client.get(BLOCKS).json()["data"] == [body]
    assert OutboxEvent.objects.filter(name="safety.user.blocked").count() == 1
    assert [client.delete(here).status_code for _ in range(2)] == [204, 204]
    assert client.get(here).status_code == 404
    assert client.get(BLOCKS).json()["data"] == []


def test_block__of_oneself_nobody_or_with_a_body__is_refused(client: SignedInClient, buyer: User) -> None:
    own = client.put(f"{BLOCKS}/{client.principal.user_id}")
    assert (own.status_code, own.json()["code"]) == (422, "own_block")
    assert client.put(f"{BLOCKS}/{uuid7()}").status_code == 404
    assert client.put(f"{BLOCKS}/{buyer.pk}", {"blocker": str(buyer.pk)}, format="json").status_code == 422
    assert not Block.objects.exists()


def test_block__of_the_caller__is_shown_to_nobody_but_who_set_it(
    client: SignedInClient, owners: SignedInClient, visitor: Principal, owner: Principal
) -> None:
    services.block_user(actor=owner, user_id=visitor.user_id)

    assert client.get(BLOCKS).json()["data"] == []
    assert client.get(f"{BLOCKS}/{owner.user_id}").status_code == 404
    assert client.delete(f"{BLOCKS}/{owner.user_id}").status_code == 204
    assert len(owners.get(BLOCKS).json()["data"]) == 1


def test_blocks__tag__changes_with_them(client: SignedInClient, buyer: User) -> None:
    tag = client.get(BLOCKS)["ETag"]
    assert client.get(BLOCKS, HTTP_IF_NONE_MATCH=tag).status_code == 304
    client.put(f"{BLOCKS}/{buyer.pk}")
    assert client.get(BLOCKS, HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.fixture(params=["the visitor blocks", "the owner blocks"])
def blocked(request: Any, visitor: Principal, owner: Principal) -> Any:
    """Sets the block between the two, either way."""
    pair = (visitor, owner) if request.param == "the visitor blocks" else (owner, visitor)

    def block() -> Block:
        return services.block_user(actor=pair[0], user_id=pair[1].user_id)

    return block


def test_listings__of_the_other__are_gone_from_everywhere(
    client: SignedInClient, owners: SignedInClient, listing: Listing, blocked: Any, visitor: Principal
) -> None:
    explorer.create_listing(actor=visitor, category=Category.FREELANCER, title="Python for hire")
    here = f"{LISTINGS}/{listing.id}"
    reads = ["?", "?q=python", "?status=open", "?category=job"]
    tags = {path: client.get(LISTINGS + path)["ETag"] for path in reads}
    detail = client.get(here)["ETag"]
    assert len(client.get("/v1/feed").json()["data"]) == 1

    blocked()

    for path in reads:
        answer = client.get(LISTINGS + path, HTTP_IF_NONE_MATCH=tags[path])
        assert answer.status_code == 200
        assert str(listing.id) not in answer.content.decode()
    assert client.get(here, HTTP_IF_NONE_MATCH=detail).status_code == 404
    assert client.get("/v1/feed").json()["data"] == []
    assert client.get(f"{LISTINGS}/facets").json()["total"] == 1  # the visitor's own
    assert [each["title"] for each in owners.get(LISTINGS).json()["data"]] == ["Python developer"]
    assert owners.get(here).status_code == 200


@pytest.mark.parametrize(
    "call",
    [
        ("put", "like", None), ("put", "save", None), ("post", "view", None), ("post", "share", {}),
        ("post", "swipe", {"direction": "right"}), ("post", "apply", {}),
    ],
)  # fmt: skip
def test_engaging__with_a_listing_of_the_other__is_404(
    client: SignedInClient, listing: Listing, blocked: Any, call: tuple[str, str, Any]
) -> None:
    method, action, body = call
    blocked()

    assert getattr(client, method)(f"{LISTINGS}/{listing.id}/{action}", body, format="json").status_code == 404


def test_unblocked__again__meet_as_before(
    client: SignedInClient, listing: Listing, visitor: Principal, owner: Principal
) -> None:
    services.block_user(actor=visitor, user_id=owner.user_id)
    services.block_user(actor=owner, user_id=visitor.user_id)
    services.unblock_user(actor=visitor, user_id=owner.user_id)
    assert client.get(f"{LISTINGS}/{listing.id}").status_code == 404
    services.unblock_user(actor=owner, user_id=visitor.user_id)
    assert client.get(f"{LISTINGS}/{listing.id}").status_code == 200


def test_others__see_both(listing: Listing, blocked: Any) -> None:
    blocked()

    explorer.engage(actor=somebody(), listing_id=listing.id, kind=Kind.LIKE)


def test_report__of_who_blocked_the_reporter__is_still_taken(
    visitor: Principal, owner: Principal, listing: Listing
) -> None:
    services.block_user(actor=owner, user_id=visitor.user_id)

    for subject, subject_id in (("listing", listing.id), ("user", owner.user_id)):
        _, is_new = services.file_report(
            actor=visitor, subject_type=subject, subject_id=subject_id, reason=ReportReason.HARASSMENT
        )
        assert is_new


def test_listings__with_many_blocks__cost_no_query_more(
    client: SignedInClient, listing: Listing, visitor: Principal
) -> None:
    reads = (LISTINGS, f"{LISTINGS}?q=python", f"{LISTINGS}/{listing.id}", "/v1/feed")

    def asked() -> list[int]:
        counts = []
        for path in reads:
            with counted_queries() as counted:
                assert client.get(path).status_code == 200
            counts.append(len(counted))
        return counts

    asked()
    before = asked()
    for _ in range(10):
        other = somebody()
        explorer.create_listing(actor=other, category=Category.JOB, title="Python tester")
        services.block_user(actor=visitor, user_id=other.user_id)

    assert asked() == before
    assert len(client.get(LISTINGS).json()["data"]) == 1


def test_mentor__of_the_other__is_neither_seen_nor_booked(client: SignedInClient, buyer: User, blocked: Any) -> None:
    guide = make_mentor(buyer)
    here = f"/v1/mentors/{guide.id}"
    wanted = {"starts_at": "2026-11-24T09:00:00Z", "duration_minutes": 60, "topic": "Pricing"}
    assert len(client.get(f"{here}/availability?{TUESDAY}").json()["slots"]) > 0  # kept from here on
    assert len(client.get("/v1/mentors").json()["data"]) == 1

    blocked()

    assert client.get("/v1/mentors").json()["data"] == []
    assert client.get(here).status_code == 404
    assert client.get(f"{here}/availability?{TUESDAY}").status_code == 404
    assert client.post(f"{here}/sessions", wanted, format="json").status_code == 404


def test_availability__asked_again_with_blocks__costs_the_version_alone(client: SignedInClient, buyer: User) -> None:
    guide = make_mentor(buyer)
    services.block_user(actor=somebody(), user_id=guide.id)
    here = f"/v1/mentors/{guide.id}/availability?{TUESDAY}"
    client.get(here)
    with counted_queries() as counted:
        assert client.get(here).status_code == 200

    assert not any("safety_" in statement for statement in counted.statements), str(counted)


def test_session__booked_before__can_be_cancelled_and_not_moved_by_the_mentee(
    buyer: User, blocked: Any, visitor: Principal
) -> None:
    guide = make_mentor(buyer)
    session = mentors.book_session(
        actor=visitor,
        mentor_id=guide.id,
        starts_at=TUESDAY_TEN,
        duration_minutes=60,
        topic="Pricing",
        timezone="UTC",
    )
    blocked()
    later = TUESDAY_TEN.replace(hour=10)
    with pytest.raises(NotFound):
        mentors.reschedule_session(actor=visitor, mentor_id=guide.id, session_id=session.id, starts_at=later)
    cancelled = mentors.cancel_session(actor=visitor, mentor_id=guide.id, session_id=session.id)

    assert cancelled.status == "cancelled"


def test_calendar__shared_before__is_shut_at_once_and_for_good(
    client: SignedInClient, freelancer: User, blocked: Any, visitor: Principal, owner: Principal
) -> None:
    User.objects.update(email_verified_at=NOON)
    share = calendar.offer_share(actor=owner, email=freelancer.email, level=ShareLevel.VIEW)
    calendar.accept_share(actor=visitor, share_id=share.id)
    window = f"/v1/calendar/events?owner={owner.user_id}"
    before = client.get(window).status_code

    blocked()

    assert (before, client.get(window).status_code) == (200, 404)
    for _ in range(2):
        while dispatch():
            pass
    assert not CalendarShare.objects.exists()


def test_calendar__offered__reaches_nobody_across_a_block(
    client: SignedInClient, freelancer: User, blocked: Any, visitor: Principal, owner: Principal
) -> None:
    User.objects.update(email_verified_at=NOON)
    blocked()
    share = calendar.offer_share(actor=owner, email=freelancer.email, level=ShareLevel.VIEW)

    with pytest.raises(NotFound):
        calendar.accept_share(actor=visitor, share_id=share.id)
    assert client.get("/v1/calendar/shares?direction=received").json()["data"] == []


def test_selectors__of_a_block__know_both_sides(visitor: Principal, owner: Principal, blocked: Any) -> None:
    assert not selectors.are_apart(visitor.user_id, owner.user_id)
    blocked()
    assert selectors.are_apart(owner.user_id, visitor.user_id)
    assert selectors.kept_from(visitor.user_id) == {owner.user_id}
    assert selectors.kept_from(owner.user_id) == {visitor.user_id}


def test_rate__of_blocking__is_limited(client: SignedInClient, buyer: User, settings: Any, sign_in: SignIn) -> None:
    settings.RATE_LIMIT_SCALE = 1
    answers = [client.put(f"{BLOCKS}/{buyer.pk}").status_code for _ in range(61)]

    assert answers == [*[200] * 60, 429]
