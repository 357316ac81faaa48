"""What mentoring shows on the home screen."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from access.types import Principal
from accounts.models import User
from core.contributions.cards import Card, Priority
from mentors import cards, services
from mentors.models import Mentor, MentorSession
from mentors.types import SessionStatus
from tests.accounts.actors import PrincipalOf
from tests.mentors.conftest import TUESDAY_TEN, Book, make_mentor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def brief(session: MentorSession) -> dict[str, Any]:
    return {
        "id": session.id,
        "topic": session.topic,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "mentor_id": session.mentor_id,
        "mentor_name": "Freelancer",
        "mentee_id": session.mentee_id,
        "mentee_name": "Client",
    }


def approve(host: Principal, session: MentorSession) -> MentorSession:
    return services.approve_session(actor=host, mentor_id=session.mentor_id, session_id=session.id)


def ask_often(guide: Mentor, mentee: Principal, number: int, status: SessionStatus) -> None:
    """That many more sessions one after the other, whatever the mentor's hours are."""
    starts = [TUESDAY_TEN + each * HOUR for each in range(1, number + 1)]
    MentorSession.objects.bulk_create(
        MentorSession(
            mentor=guide, mentee_id=mentee.user_id, starts_at=start, ends_at=start + HOUR, held_from=start,
            held_until=start + HOUR, timezone="UTC", topic="Again", status=status, price_minor=0, currency="USD",
        )
        for start in starts
    )  # fmt: skip


def test_cards__nothing_booked__are_none(host: Principal, mentee: Principal) -> None:
    assert [*cards.requests(host), *cards.next_session(host), *cards.next_session(mentee)] == []


def test_requests__one__is_told_to_the_mentor_alone_until_it_would_begin(
    host: Principal, mentee: Principal, lead: Principal, stranger: Principal, book: Book
) -> None:
    session = book()

    assert list(cards.requests(host)) == [
        Card(
            title="1 session request",
            subtitle="Client: Pricing",
            priority=Priority.SOON,
            link=f"mentors/sessions/{session.id}",
            data={"total": 1, "sessions": [brief(session)]},
            expires_at=TUESDAY_TEN,
        )
    ]
    assert [card for viewer in (mentee, lead, stranger) for card in cards.requests(viewer)] == []


def test_requests__several__are_counted_and_the_next_is_named_first(host: Principal, book: Book) -> None:
    later, first = book(starts_at=TUESDAY_TEN + 2 * HOUR, topic="Later"), book()

    [card] = cards.requests(host)

    assert (card.title, card.subtitle, card.link) == ("2 session requests", "Client: Pricing", "mentors/sessions")
    assert card.data == {"total": 2, "sessions": [brief(first), brief(later)]}
    assert card.expires_at == TUESDAY_TEN


@pytest.mark.parametrize("answer", [services.approve_session, services.decline_session])
def test_requests__answered__are_gone(host: Principal, book: Book, answer: Any) -> None:
    session = book()
    answer(actor=host, mentor_id=session.mentor_id, session_id=session.id)

    assert list(cards.requests(host)) == []


def test_requests__never_answered__are_gone_when_they_would_begin(
    host: Principal, book: Book, clock: time_machine.Traveller
) -> None:
    book()
    clock.move_to(TUESDAY_TEN)

    assert list(cards.requests(host)) == []


def test_next_session__confirmed__is_told_to_both_sides_and_nobody_else(
    host: Principal, mentee: Principal, lead: Principal, stranger: Principal, book: Book
) -> None:
    session = book()
    assert [*cards.next_session(host), *cards.next_session(mentee)] == [], "nobody has confirmed it"
    approve(host, session)

    shown = Card(
        about=str(session.id),
        title="Session with Freelancer",
        subtitle="Pricing",
        priority=Priority.SOON,
        link=f"mentors/sessions/{session.id}",
        data=brief(session),
        expires_at=TUESDAY_TEN,
    )
    assert list(cards.next_session(mentee)) == [shown]
    assert [card.title for card in cards.next_session(host)] == ["Session with Client"]
    assert [card for viewer in (lead, stranger) for card in cards.next_session(viewer)] == []


def test_next_session__of_several__is_the_first_within_a_week(host: Principal, mentee: Principal, book: Book) -> None:
    approve(host, book(starts_at=TUESDAY_TEN + timedelta(days=7), topic="Next week"))
    assert list(cards.next_session(mentee)) == []
    approve(host, book(starts_at=TUESDAY_TEN + HOUR, topic="Second"))
    first = approve(host, book(topic="First"))
    assert [card.about for card in cards.next_session(mentee)] == [str(first.id)]

    services.cancel_session(actor=mentee, mentor_id=first.mentor_id, session_id=first.id, reason="ill")
    assert [card.subtitle for card in cards.next_session(mentee)] == ["Second"]


def test_next_session__of_a_support_lead_who_takes_part__is_their_own(
    host: Principal, lead: Principal, other_freelancer: User, principal_of: PrincipalOf, book: Book
) -> None:
    """They may see the other session, which is sooner."""
    approve(host, book())
    another = make_mentor(other_freelancer)
    own = book(actor=lead, mentor_id=another.id, starts_at=TUESDAY_TEN + HOUR, topic="Leading")
    approve(principal_of(other_freelancer), own)

    assert [card.subtitle for card in cards.next_session(lead)] == ["Leading"]


def test_cards__of_fifty_sessions__cost_the_same_queries(
    host: Principal, guide: Mentor, mentee: Principal, book: Book, django_assert_num_queries: Any
) -> None:
    book()
    ask_often(guide, mentee, 50, SessionStatus.REQUESTED)
    with django_assert_num_queries(2):
        [card] = cards.requests(host)
    assert (card.data["total"], len(card.data["sessions"])) == (51, cards.SHOWN)

    MentorSession.objects.update(status=SessionStatus.APPROVED)
    with django_assert_num_queries(1):
        assert len(list(cards.next_session(mentee))) == 1
