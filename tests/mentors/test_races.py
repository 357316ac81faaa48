"""Who books first has the slot, however many ask at once: over HTTP, round after round.

On SQLite the same holds by its one writer at a time; what the constraints hold is PostgreSQL's alone.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from access.types import Principal
from core.contributions.scopes import Persona
from core.errors import AppError
from core.testing.races import race, winners
from mentors import services
from mentors.errors import SlotTaken
from mentors.models import Mentor, MentorSession
from mentors.services import booking
from tests.accounts import actors
from tests.accounts.actors import SignedInClient
from tests.mentors.conftest import NOON, TUESDAY_TEN, make_mentor

pytestmark = pytest.mark.django_db(transaction=True)
on_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no exclusion constraints")

PEOPLE = 50
ROUNDS = int(os.environ.get("MENTOR_RACE_ROUNDS", "3"))  # 60 is what is promised; each takes seconds
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time begins at noon and goes on: threads wait by it."""
    with time_machine.travel(NOON, tick=True) as traveller:
        yield traveller


@pytest.fixture
def guide(transactional_db: None) -> Mentor:
    return make_mentor(actors.make_user(), horizon_days=365, buffer_after_minutes=10)


@pytest.fixture
def crowd(transactional_db: None) -> list[SignedInClient]:
    return [SignedInClient(actors.sign_in(actors.make_user(persona=Persona.CLIENT))) for _ in range(PEOPLE)]


def asks(client: SignedInClient, guide: Mentor, starts_at: datetime) -> Callable[[], Any]:
    body = {"startsAt": starts_at.isoformat(), "durationMinutes": 60, "topic": "Pricing"}
    return lambda: client.post(f"/mobile/v2/mentors/{guide.id}/sessions", body, format="json")


def outcomes(answers: Any) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("code", "")) for answer in answers)


def test_row_56__fifty_people_ask_for_one_slot__one_has_it_and_the_others_are_told(
    guide: Mentor, crowd: list[SignedInClient]
) -> None:
    for number in range(ROUNDS):
        start = TUESDAY_TEN + timedelta(weeks=number % 45, hours=number // 45 * 2)

        answers = race(*(asks(client, guide, start) for client in crowd))

        assert outcomes(answers) == {(201, ""): 1, (409, "slot_taken"): PEOPLE - 1}
        assert MentorSession.objects.filter(starts_at=start).count() == 1


def test_row_56__times_that_overlap_by_a_minute_or_touch__only_those_that_touch_both_stand(
    guide: Mentor, crowd: list[SignedInClient]
) -> None:
    first = TUESDAY_TEN
    after = first + HOUR + 10 * MINUTE  # the buffer of the one before it is kept to the minute

    overlapping = race(asks(crowd[0], guide, first), asks(crowd[1], guide, after - MINUTE))
    assert outcomes(overlapping) == {(201, ""): 1, (409, "slot_taken"): 1}

    MentorSession.objects.all().delete()
    touching = race(asks(crowd[0], guide, first), asks(crowd[1], guide, after))
    assert outcomes(touching) == {(201, ""): 2}


def test_row_56__one_person_books_two_mentors_at_once__has_one_of_them(
    guide: Mentor, crowd: list[SignedInClient]
) -> None:
    other = make_mentor(actors.make_user())

    for week in range(4):
        start = TUESDAY_TEN + timedelta(weeks=week)
        answers = race(asks(crowd[0], guide, start), asks(crowd[0], other, start + 30 * MINUTE))

        assert outcomes(answers) == {(201, ""): 1, (409, "slot_taken"): 1}


def test_row_56__cancelled_while_others_book__is_never_held_twice(guide: Mentor, crowd: list[SignedInClient]) -> None:
    for week in range(5):
        start = TUESDAY_TEN + timedelta(weeks=week)
        held = asks(crowd[0], guide, start)().json()
        here = f"/mobile/v2/mentors/{guide.id}/sessions/{held['id']}/cancel"

        def cancel(address: str = here) -> Any:
            return crowd[0].post(address, {}, format="json")

        cancelled, *booked = race(cancel, *(asks(client, guide, start) for client in crowd[1:6]))

        assert outcomes([cancelled]) == {(200, ""): 1}
        assert set(outcomes(booked)) <= {(201, ""), (409, "slot_taken")}
        assert MentorSession.objects.live().filter(starts_at=start).count() == outcomes(booked)[201, ""] <= 1


@pytest.mark.postgres
@on_postgres
def test_row_56__without_the_lock_and_the_look__the_database_still_holds_it(
    guide: Mentor, crowd: list[SignedInClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Losers get 23P01, or 40P01 where two wait for each other: both are told as taken."""
    people = [client.principal for client in crowd[:12]]
    monkeypatch.setattr(booking, "check_free", lambda *args, **given: None)
    monkeypatch.setattr(booking, "lock", lambda mentors, **lookup: mentors.get(**lookup))

    def ask(actor: Principal) -> MentorSession:
        return services.book_session(
            actor=actor, mentor_id=guide.id, starts_at=TUESDAY_TEN, duration_minutes=60, topic="x", timezone="UTC"
        )

    results = race(*(partial(ask, actor) for actor in people))

    assert len(winners(results)) == 1
    assert all(isinstance(result, SlotTaken) for result in results if isinstance(result, Exception))
    assert MentorSession.objects.count() == 1


def test_row_56__two_sides_act_at_once__one_of_them_is_first(guide: Mentor, crowd: list[SignedInClient]) -> None:
    host = actors.principal_behind(actors.sign_in(guide.user))
    mentee = crowd[0].principal
    for week in range(5):
        session = MentorSession.objects.get(
            id=asks(crowd[0], guide, TUESDAY_TEN + timedelta(weeks=week))().json()["id"]
        )
        target: dict[str, Any] = {"mentor_id": guide.id, "session_id": session.id}

        results = race(
            partial(services.decline_session, actor=host, **target),
            partial(services.cancel_session, actor=mentee, **target),
            partial(services.approve_session, actor=host, **target),
        )

        session.refresh_from_db()
        assert all(isinstance(each, AppError) for each in results if isinstance(each, Exception))
        assert session.status in {"declined", "cancelled"}
        assert not MentorSession.objects.live().exists()


@pytest.mark.postgres
@on_postgres
def test_session__written_past_the_services__is_refused_by_the_database(
    guide: Mentor, crowd: list[SignedInClient]
) -> None:
    booked = MentorSession.objects.get(id=asks(crowd[0], guide, TUESDAY_TEN)().json()["id"])
    copy = {field.attname: getattr(booked, field.attname) for field in MentorSession._meta.concrete_fields}
    del copy["id"]

    with pytest.raises(IntegrityError, match="mentors_session_of_mentor"), transaction.atomic():
        MentorSession.objects.create(**copy | {"mentee_id": crowd[1].principal.user_id})
    other = make_mentor(actors.make_user())
    with pytest.raises(IntegrityError, match="mentors_session_of_mentee"), transaction.atomic():
        MentorSession.objects.create(**copy | {"mentor_id": other.id})
    MentorSession.objects.create(**copy | {"status": "cancelled", "closed_at": NOON})
