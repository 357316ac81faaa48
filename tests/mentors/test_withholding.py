"""Mentors whose account is closed, or who have lost the role: neither shown nor booked, until they may mentor again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from access.services import grant_role, revoke_role
from access.types import Principal
from accounts.services import profile
from core.contributions.scopes import Persona
from core.errors import NotFound
from events.models import OutboxEvent
from events.services import dispatch
from events.services.delivery import _published
from mentors import selectors, services
from mentors.availability import availability_version
from mentors.errors import InvalidState
from mentors.models import Mentor, MentorSession
from mentors.subscribers import follow_standing
from tests.accounts.actors import SignedInClient
from tests.mentors.conftest import TUESDAY_TEN, Book

pytestmark = pytest.mark.django_db

LATER = TUESDAY_TEN + timedelta(hours=2)
TUESDAY = "from=2026-11-24&to=2026-11-25&timezone=Europe/Berlin&duration=60"
WANTED = {"starts_at": "2026-11-25T09:00:00Z", "duration_minutes": 60, "topic": "Pricing"}
Change = Callable[[Mentor], None]


def suspend(mentor: Mentor) -> None:
    profile.suspend(actor=mentor.id, user_id=mentor.id, reason="Fraud")


def reinstate(mentor: Mentor) -> None:
    profile.reinstate(actor=mentor.id, user_id=mentor.id, reason="A mistake")


def revoke(mentor: Mentor) -> None:
    revoke_role(actor=None, user_id=mentor.id, role=Persona.MENTOR, reason="Complaints")


def grant(mentor: Mentor) -> None:
    grant_role(actor=None, user_id=mentor.id, role=Persona.MENTOR, reason="A mistake")


def suspend_as_mentor(mentor: Mentor) -> None:
    services.suspend_mentor(actor_id=None, mentor_id=mentor.id, note="Complaints")


def deliver() -> None:
    while dispatch():
        pass


@pytest.mark.parametrize(("end", "undo"), [(suspend, reinstate), (revoke, grant)])
def test_mentor__who_may_mentor_no_more__is_gone_from_everywhere_and_comes_back(
    client: SignedInClient, guide: Mentor, end: Change, undo: Change
) -> None:
    here = f"/v1/mentors/{guide.id}"
    reads = ("/v1/mentors", here, f"{here}/availability?{TUESDAY}")

    def shown() -> list[Any]:
        return [client.get(read).json() for read in reads]

    deliver()
    before, tags = shown(), [client.get(read).get("ETag", "") for read in reads]
    versions = selectors.mentors_version(), availability_version(guide.id)
    assert len(before[0]["data"]) == 1

    end(guide)
    deliver()

    answers = [client.get(read, HTTP_IF_NONE_MATCH=tag) for read, tag in zip(reads, tags, strict=True)]
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert answers[0].json()["data"] == []
    assert client.post(f"{here}/sessions", WANTED, format="json").status_code == 404
    assert selectors.find_public(guide.id) is None
    after = selectors.mentors_version(), availability_version(guide.id)
    assert all(one != other for one, other in zip(versions, after, strict=True))

    undo(guide)
    deliver()

    [again], one, free = (each.get("data", each) for each in shown())
    assert one == again == {**before[1], "version": 4, "updated_at": one["updated_at"]}
    assert free == before[2]
    assert client.post(f"{here}/sessions", WANTED, format="json").status_code == 201


@pytest.mark.parametrize("end", [suspend, revoke])
def test_writes__before_anybody_has_heard_of_it__are_refused(
    mentee: Principal, guide: Mentor, book: Book, end: Change
) -> None:
    session = book()
    end(guide)

    with pytest.raises(NotFound):
        book(starts_at=LATER)
    with pytest.raises(InvalidState):
        services.reschedule_session(actor=mentee, mentor_id=guide.id, session_id=session.id, starts_at=LATER)

    assert MentorSession.objects.get().starts_at == TUESDAY_TEN


def test_session__with_a_mentor_whom_staff_suspended__is_cancelled_or_moved_by_support_alone(
    client: SignedInClient, host: Principal, lead: Principal, guide: Mentor, book: Book
) -> None:
    session, other = book(), book(starts_at=TUESDAY_TEN + timedelta(hours=4))
    suspend_as_mentor(guide)
    here = f"/mobile/v2/mentors/{guide.id}/sessions/{session.id}"

    answer = client.post(f"{here}/reschedule", {"startsAt": LATER.isoformat()}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_state")
    target: dict[str, Any] = {"mentor_id": guide.id, "session_id": session.id}
    with pytest.raises(InvalidState):
        services.reschedule_session(actor=host, starts_at=LATER, **target)
    moved = services.reschedule_session(actor=lead, starts_at=LATER, reason="They agreed by phone", **target)
    assert moved.starts_at == LATER
    assert client.post(f"{here}/cancel", {}, format="json").json()["status"] == "cancelled"
    cancelled = services.cancel_session(actor=host, mentor_id=guide.id, session_id=other.id)
    assert cancelled.closed_by == "mentor"


def test_events__told_twice_and_late__leave_mentors_as_they_stand_now(guide: Mentor) -> None:
    deliver()
    for change in (suspend, revoke, reinstate, grant):
        change(guide)
    told = [_published(event) for event in OutboxEvent.objects.filter(aggregate_id=guide.id).order_by("-id")]

    for event in [*told, *told]:  # the last one first
        follow_standing(event)
    guide.refresh_from_db()
    assert (guide.is_withheld, guide.rev) == (False, 2)

    revoke(guide)
    for event in [*told, *told]:
        follow_standing(event)
    guide.refresh_from_db()
    assert (guide.is_withheld, guide.rev) == (True, 3)


def test_account__reinstated_after_the_role_was_lost__is_no_mentors(guide: Mentor) -> None:
    suspend(guide)
    revoke(guide)
    deliver()
    reinstate(guide)
    deliver()

    assert selectors.find_public(guide.id) is None


def test_approval__of_somebody_whose_account_is_closed__shows_them_once_it_is_open(stranger: Principal) -> None:
    services.apply_as_mentor(actor=stranger, headline="I know rust")
    applied = Mentor.objects.get(id=stranger.user_id)
    suspend(applied)
    deliver()

    services.approve_mentor(actor_id=None, mentor_id=stranger.user_id)
    assert selectors.find_public(stranger.user_id) is None
    reinstate(applied)
    deliver()

    assert selectors.find_public(stranger.user_id) is not None


def test_approval__after_a_suspension_by_staff__shows_the_mentor_at_once(guide: Mentor) -> None:
    suspend_as_mentor(guide)
    services.approve_mentor(actor_id=None, mentor_id=guide.id)
    assert selectors.find_public(guide.id) is not None

    deliver()  # of both, the suspension first

    assert selectors.find_public(guide.id) is not None


def test_events__of_people_who_are_no_mentors__change_nothing(stranger: Principal) -> None:
    services.follow_standing(mentor_id=stranger.user_id)
    services.apply_as_mentor(actor=stranger, headline="I know rust")

    services.follow_standing(mentor_id=stranger.user_id)

    assert Mentor.objects.get().rev == 1
