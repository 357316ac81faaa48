"""Sessions and mentors: what may become of them, by whom, and what is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from access.models import AuditEntry
from access.selectors import grants_of
from access.types import Principal
from accounts.models import User
from accounts.services import closing
from calendar_app.models import Event
from calendar_app.subscribers import take_up_session
from core.errors import Invalid, NotFound
from events.models import OutboxEvent
from events.services import dispatch
from events.services.delivery import _published
from mentors import services
from mentors.errors import AlreadyApplied, InvalidState, MenteeBusy, NotYourPart
from mentors.models import Mentor, MentorSession
from mentors.scopes import MANAGE
from mentors.types import LIVE, STEPS, Action, SessionStatus
from tests.mentors.conftest import NOON, TUESDAY_TEN, Book, make_mentor

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ACTS: dict[Action, Callable[..., MentorSession]] = {
    Action.APPROVE: services.approve_session,
    Action.DECLINE: services.decline_session,
    Action.CANCEL: services.cancel_session,
    Action.RESCHEDULE: services.reschedule_session,
    Action.COMPLETE: services.complete_session,
}


def told() -> list[str]:
    names = OutboxEvent.objects.filter(name__startswith="mentor.").order_by("occurred_at", "id")
    return [name.removeprefix("mentor.") for name in names.values_list("name", flat=True)]


def act(action: Action, session: MentorSession, actor: Principal, **said: Any) -> MentorSession:
    if action is Action.RESCHEDULE:
        said.setdefault("starts_at", TUESDAY_TEN + 2 * HOUR)
    return ACTS[action](actor=actor, mentor_id=session.mentor_id, session_id=session.id, **said)


@pytest.mark.parametrize("status", SessionStatus)
@pytest.mark.parametrize("action", Action)
def test_row_58__each_step_from_each_status__is_taken_or_a_conflict(
    book: Book, host: Principal, clock: Any, status: SessionStatus, action: Action
) -> None:
    session = book()
    closed_at = None if status in LIVE else NOON
    MentorSession.objects.filter(id=session.id).update(status=status, closed_at=closed_at)
    if action is Action.COMPLETE:
        clock.move_to(TUESDAY_TEN)

    if status in STEPS[action].before:
        after = act(action, session, host)
        assert after.status == (STEPS[action].after or status)
        assert (after.closed_at is None) is (after.status in LIVE)
    else:
        with pytest.raises(InvalidState):
            act(action, session, host)
        session.refresh_from_db()
        assert session.status == status


def test_row_58__steps_out_of_their_time_and_with_oneself__are_conflicts(
    book: Book, host: Principal, guide: Mentor, clock: Any
) -> None:
    with pytest.raises(InvalidState):
        book(actor=host)
    session, late = book(), book(starts_at=TUESDAY_TEN + HOUR)
    act(Action.APPROVE, session, host)
    with pytest.raises(InvalidState):
        act(Action.COMPLETE, session, host)
    clock.move_to(TUESDAY_TEN + HOUR)
    with pytest.raises(InvalidState):
        act(Action.APPROVE, late, host)


@pytest.mark.parametrize("action", [Action.APPROVE, Action.DECLINE, Action.COMPLETE])
def test_step__of_the_mentor__is_not_the_mentees(book: Book, mentee: Principal, action: Action) -> None:
    with pytest.raises(NotYourPart):
        act(action, book(), mentee)


@pytest.mark.parametrize("action", Action)
def test_step__of_a_stranger__finds_nothing(book: Book, stranger: Principal, action: Action) -> None:
    with pytest.raises(NotFound):
        act(action, book(), stranger)


def test_reschedule__by_the_mentee__asks_the_mentor_again(book: Book, host: Principal, mentee: Principal) -> None:
    session = act(Action.APPROVE, book(), host)

    moved = act(Action.RESCHEDULE, session, mentee)
    assert (moved.status, moved.starts_at, moved.decided_at) == ("requested", TUESDAY_TEN + 2 * HOUR, None)
    approved = act(Action.APPROVE, moved, host)
    moved = act(Action.RESCHEDULE, approved, host, starts_at=TUESDAY_TEN + 3 * HOUR)

    assert (moved.status, moved.ends_at) == ("approved", TUESDAY_TEN + 4 * HOUR)
    steps = ["requested", "approved", "rescheduled", "approved", "rescheduled"]
    assert told()[2:] == [f"session.{step}" for step in steps]


def test_reschedule__into_the_time_it_had__overlaps_with_nobody_but_itself(book: Book, mentee: Principal) -> None:
    session = book()

    assert act(Action.RESCHEDULE, session, mentee, starts_at=TUESDAY_TEN + HOUR / 2).starts_at > TUESDAY_TEN
    assert act(Action.RESCHEDULE, session, mentee, starts_at=TUESDAY_TEN).starts_at == TUESDAY_TEN


def test_override__by_a_support_lead__needs_a_reason_and_is_on_record(
    book: Book, lead: Principal, host: Principal, clock: Any
) -> None:
    session = act(Action.APPROVE, book(), host)
    clock.move_to(TUESDAY_TEN - HOUR)
    with pytest.raises(Invalid):
        act(Action.CANCEL, session, lead)
    with pytest.raises(NotYourPart):
        act(Action.DECLINE, session, lead, reason="x")

    cancelled = act(Action.CANCEL, session, lead, reason="The mentor is in hospital")

    entry = AuditEntry.objects.get(action="mentor_session.cancelled")
    assert (cancelled.status, cancelled.closed_by) == ("cancelled", "support")
    assert (entry.user_id, entry.target_id, entry.reason) == (
        lead.user_id, str(session.id), "The mentor is in hospital",
    )  # fmt: skip
    assert entry.details == {"party": "support"}


def test_book__two_mentors_at_one_time__is_refused(book: Book, mentee: Principal, make_user: Any) -> None:
    book()
    other = make_mentor(make_user())
    with pytest.raises(MenteeBusy):
        book(mentor_id=other.id, starts_at=TUESDAY_TEN + HOUR / 2)
    assert book(mentor_id=other.id, starts_at=TUESDAY_TEN + HOUR).status == "requested"


def test_expire__unanswered_when_it_should_begin__is_let_go(book: Book, host: Principal, clock: Any) -> None:
    unanswered, agreed = book(), act(Action.APPROVE, book(starts_at=TUESDAY_TEN + HOUR), host)
    assert services.expire_sessions() == 0

    clock.move_to(TUESDAY_TEN + 2 * HOUR)
    assert [services.expire_sessions() for _ in range(2)] == [1, 0]

    unanswered.refresh_from_db()
    agreed.refresh_from_db()
    assert (unanswered.status, agreed.status) == ("expired", "approved")
    assert told()[-1] == "session.expired"


def events_of(person: Principal) -> list[tuple[str, str, Any, str]]:
    rows = Event.objects.filter(owner_id=person.user_id, source="mentors")
    return list(rows.values_list("title", "status", "starts_at", "timezone"))


def test_calendars__of_both_sides__follow_a_session(book: Book, host: Principal, mentee: Principal) -> None:
    session = book()
    assert events_of(host) == []  # asynchronous: nothing happens in the request

    dispatch()
    title = "Mentoring: Pricing"
    assert events_of(host) == [(title, "tentative", TUESDAY_TEN, "Europe/Berlin")]
    assert events_of(mentee) == [(title, "tentative", TUESDAY_TEN, "Europe/London")]
    act(Action.APPROVE, session, host)
    dispatch()
    assert {event[1] for event in events_of(host) + events_of(mentee)} == {"confirmed"}
    act(Action.RESCHEDULE, session, mentee)
    dispatch()
    later = TUESDAY_TEN + 2 * HOUR
    assert {event[1:3] for event in events_of(host) + events_of(mentee)} == {("tentative", later)}
    act(Action.CANCEL, session, mentee, reason="Ill")
    dispatch()

    for person in (host, mentee):
        event = Event.objects.get(owner_id=person.user_id)
        assert (event.status, event.cancellation_reason) == ("cancelled", "Ill")
        assert (event.event_type, event.related_entity_id) == ("mentorship", str(session.id))


def test_calendars__told_twice_or_late__hold_one_event(book: Book, host: Principal, mentee: Principal) -> None:
    session = book()
    act(Action.APPROVE, session, host)
    for event in OutboxEvent.objects.filter(name__startswith="mentor.session.").order_by("id"):
        for _ in range(2):
            take_up_session(_published(event))

    assert [len(events_of(person)) for person in (host, mentee)] == [1, 1]
    created = OutboxEvent.objects.filter(name__startswith="calendar.event.").order_by("id")
    assert (
        sorted(created.values_list("name", flat=True))
        == ["calendar.event.created"] * 2 + ["calendar.event.updated"] * 2
    )


def test_apply__then_approval_and_suspension__give_and_take_the_scope(stranger: Principal) -> None:
    services.apply_as_mentor(actor=stranger, headline="I know rust")
    with pytest.raises(AlreadyApplied):
        services.apply_as_mentor(actor=stranger, headline="Again")
    assert MANAGE not in grants_of(stranger.user_id).scopes

    services.reject_mentor(actor_id=None, mentor_id=stranger.user_id, note="Tell us more")
    services.apply_as_mentor(actor=stranger, headline="I know rust, and here is why")
    services.approve_mentor(actor_id=None, mentor_id=stranger.user_id)
    assert MANAGE in grants_of(stranger.user_id).scopes
    services.suspend_mentor(actor_id=None, mentor_id=stranger.user_id, note="Complaints")
    assert MANAGE not in grants_of(stranger.user_id).scopes
    with pytest.raises(InvalidState):
        services.reject_mentor(actor_id=None, mentor_id=stranger.user_id, note="x")

    assert told() == ["applied", "rejected", "applied", "approved", "suspended"]


@pytest.mark.parametrize("who", ["mentee", "host"])
def test_leave__either_side__cancels_what_is_to_come_and_forgets_their_words(
    book: Book, guide: Mentor, request: pytest.FixtureRequest, who: str
) -> None:
    person: Principal = request.getfixturevalue(who)
    session = book()

    for _ in range(2):
        services.leave(person.user_id)

    session.refresh_from_db()
    guide.refresh_from_db()
    assert (session.status, session.closed_by) == ("cancelled", "mentor" if who == "host" else "mentee")
    assert (guide.headline == "", guide.rules.exists()) == (who == "host", who != "host")
    assert told().count("session.cancelled") == 1


@pytest.mark.parametrize("order", [("mentee", "host"), ("host", "mentee")])
def test_leave__both_sides__deletes_the_session_and_the_mentor_with_the_second(
    book: Book, guide: Mentor, request: pytest.FixtureRequest, order: tuple[str, str]
) -> None:
    book()
    first, second = (request.getfixturevalue(who).user_id for who in order)
    for _ in range(2):
        closing.close(user_id=first)
        services.leave(first)
    assert (MentorSession.objects.count(), Mentor.objects.count()) == (1, 1)

    for _ in range(2):
        closing.close(user_id=second)
        services.leave(second)

    assert (MentorSession.objects.count(), Mentor.objects.count()) == (0, 0)
    assert told().count("session.cancelled") == 1


def test_leave__both_closed_before_either_is_erased__deletes_all_the_same(
    book: Book, host: Principal, mentee: Principal
) -> None:
    book()
    for person in (host, mentee):
        closing.close(user_id=person.user_id)

    for person in (host, mentee):
        services.leave(person.user_id)

    assert (MentorSession.objects.count(), Mentor.objects.count()) == (0, 0)
    dispatch()
    assert not Event.objects.exists()


def test_leave__other_side_is_suspended__keeps_the_session(
    book: Book, guide: Mentor, host: Principal, mentee: Principal
) -> None:
    book()
    User.objects.filter(id=host.user_id).update(is_active=False)

    services.leave(mentee.user_id)

    assert (MentorSession.objects.count(), Mentor.objects.count()) == (1, 1)


def test_leave__mentor_whom_nobody_met__leaves_no_profile(guide: Mentor, host: Principal) -> None:
    services.leave(host.user_id)

    assert not Mentor.objects.exists()


def test_calendars__of_who_has_left_for_good__take_nothing_up(book: Book, host: Principal, mentee: Principal) -> None:
    book()
    closing.close(user_id=mentee.user_id)

    dispatch()

    assert (len(events_of(host)), events_of(mentee)) == (1, [])
