"""Booking over HTTP: whole bodies on both surfaces, and every refusal."""

from datetime import timedelta
from itertools import count
from typing import Any
from unittest.mock import ANY

import pytest

from accounts.models import User
from core.testing.limits import until_refused
from mentors.models import Mentor, MentorSession
from tests.accounts.actors import SignedInClient, SignIn
from tests.mentors.conftest import TUESDAY_TEN, Book

pytestmark = pytest.mark.django_db


def wanted(**changes: Any) -> dict[str, Any]:
    usual = {"startsAt": "2026-11-24T09:00:00Z", "durationMinutes": 60, "topic": "Pricing", "timezone": "Europe/London"}
    return {**usual, **changes}


def test_book__on_mobile__answers_whole_in_camel_case(client: SignedInClient, guide: Mentor) -> None:
    answer = client.post(f"/mobile/v2/mentors/{guide.id}/sessions", wanted(), format="json")

    body = answer.json()
    here = f"/mobile/v2/mentors/{guide.id}/sessions/{body['id']}"
    assert (answer.status_code, answer["Location"]) == (201, here)
    assert body == {
        "id": ANY, "mentorId": str(guide.id), "mentorName": "Freelancer",
        "menteeId": str(client.principal.user_id), "menteeName": "Client",
        "startsAt": "2026-11-24T09:00:00Z", "endsAt": "2026-11-24T10:00:00Z", "durationMinutes": 60,
        "timezone": "Europe/London", "topic": "Pricing", "status": "requested", "reason": "",
        "price": {"amount": "90.00", "currency": "USD", "minorUnits": 90_00, "formatted": "$90.00"},
        "cancellableUntil": "2026-11-24T03:00:00Z", "decidedAt": None, "closedAt": None, "closedBy": "", "version": 1,
        "createdAt": "2026-11-20T12:00:00Z", "updatedAt": "2026-11-20T12:00:00Z",
        "_links": {
            "self": {"href": here, "method": "GET"},
            "cancel": {"href": f"{here}/cancel", "method": "POST"},
            "reschedule": {"href": f"{here}/reschedule", "method": "POST"},
        },
    }  # fmt: skip
    assert client.get(here).json() == body


def test_book__on_the_platform__answers_in_snake_case(client: SignedInClient, guide: Mentor) -> None:
    body = {"starts_at": "2026-11-24T10:00:00+01:00", "duration_minutes": 30, "topic": "Pricing"}

    answer = client.post(f"/v1/mentors/{guide.id}/sessions", body, format="json")

    shown = answer.json()
    assert (answer.status_code, shown["starts_at"], shown["ends_at"]) == (
        201, "2026-11-24T09:00:00Z", "2026-11-24T09:30:00Z",
    )  # fmt: skip
    assert (shown["price"]["minor_units"], shown["timezone"]) == (45_00, "UTC")


def test_book__a_slot_that_is_taken__is_a_conflict(client: SignedInClient, guide: Mentor, book: Book) -> None:
    book()
    answer = client.post(
        f"/mobile/v2/mentors/{guide.id}/sessions", wanted(startsAt="2026-11-24T09:59:00Z"), format="json"
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert MentorSession.objects.count() == 1


@pytest.mark.parametrize(
    ("starts_at", "reason"),
    [
        ("2026-11-24T07:59:00Z", "hours"),  # a minute before nine in Berlin
        ("2026-11-24T15:01:00Z", "hours"),  # would end a minute after five
        ("2026-11-28T09:00:00Z", "hours"),  # a Saturday
        ("2026-11-21T11:59:00Z", "notice"),
        ("2026-11-19T09:00:00Z", "notice"),
        ("2027-02-01T09:00:00Z", "horizon"),
    ],
)
def test_book__out_of_hours__is_refused_with_the_reason(
    client: SignedInClient, guide: Mentor, starts_at: str, reason: str
) -> None:
    answer = client.post(f"/mobile/v2/mentors/{guide.id}/sessions", wanted(startsAt=starts_at), format="json")

    body = answer.json()
    assert (answer.status_code, body["code"], body["reason"]) == (422, "outside_availability", reason)
    assert not MentorSession.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"durationMinutes": 45}, "/durationMinutes"),
        ({"durationMinutes": "60"}, "/durationMinutes"),
        ({"topic": ""}, "/topic"),
        ({"topic": "a\u202eb"}, "/topic"),
        ({"startsAt": "2026-11-24T09:00:00"}, "/startsAt"),
        ({"startsAt": "2026-11-24T09:00:30Z"}, "/startsAt"),
        ({"startsAt": "2026-11-31T09:00:00Z"}, "/startsAt"),
        ({"menteeId": "0190a1de-0000-7000-8000-000000000000"}, "/menteeId"),
        ({"status": "approved"}, "/status"),
    ],
)
def test_book__what_cannot_be__names_the_field(
    client: SignedInClient, guide: Mentor, change: dict[str, Any], pointer: str
) -> None:
    answer = client.post(f"/mobile/v2/mentors/{guide.id}/sessions", wanted(**change), format="json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert not MentorSession.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"startsAt": "0001-01-01T00:00:00Z"}, "outside_availability"),
        ({"startsAt": "9999-12-31T23:59:00Z"}, "validation_failed"),
        ({"startsAt": "2028-02-29T09:00:00Z"}, "outside_availability"),  # a leap day, far ahead
        ({"startsAt": "2027-02-29T09:00:00Z"}, "validation_failed"),  # no leap day
        ({"timezone": "America/../etc/passwd"}, "validation_failed"),
        ({"timezone": "/etc/localtime"}, "validation_failed"),
        ({"timezone": "localtime"}, "validation_failed"),
    ],
)
def test_row_59__times_and_zones_of_any_kind__are_refused_and_server_time_wins(
    client: SignedInClient, guide: Mentor, change: dict[str, Any], code: str
) -> None:
    answer = client.post(
        f"/mobile/v2/mentors/{guide.id}/sessions", wanted(**change), format="json",
        HTTP_DATE="Wed, 01 Jan 2020 00:00:00 GMT",
    )  # fmt: skip

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not MentorSession.objects.exists()


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        ("9999-12-31T23:45:00Z", "validation_failed"),
        ("9999-12-31T23:59:00Z", "validation_failed"),
        ("9999-12-31T22:00:00Z", "outside_availability"),
        ("0001-01-01T00:00:00Z", "outside_availability"),
        ("2026-11-25T09:00:30Z", "validation_failed"),
        ("2026-11-25T09:00:00.5Z", "validation_failed"),
    ],
)
def test_row_59__session_moved_to_times_of_any_kind__is_refused_as_in_booking(
    client: SignedInClient, guide: Mentor, book: Book, starts_at: str, code: str
) -> None:
    session = book()
    here = f"/mobile/v2/mentors/{guide.id}/sessions"

    for answer in (
        client.post(f"{here}/{session.id}/reschedule", {"startsAt": starts_at}, format="json"),
        client.post(here, wanted(startsAt=starts_at), format="json"),
    ):
        body = answer.json()
        assert (answer.status_code, body["code"]) == (422, code)
        if code == "validation_failed":
            assert [error["pointer"] for error in body["errors"]] == ["/startsAt"]
    session.refresh_from_db()
    assert (session.starts_at, session.rev) == (TUESDAY_TEN, 1)


def test_book__twice_with_one_key__is_booked_once(client: SignedInClient, guide: Mentor) -> None:
    address = f"/mobile/v2/mentors/{guide.id}/sessions"
    answers = [client.post(address, wanted(), format="json", HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert MentorSession.objects.count() == 1


def test_cancel__six_hours_before_and_a_second_later__is_the_line_for_both_sides(
    sign_in: SignIn, buyer: User, guide: Mentor, book: Book, clock: Any
) -> None:
    first, second = book(), book(starts_at=TUESDAY_TEN + timedelta(hours=1))
    until = TUESDAY_TEN - timedelta(hours=6)
    address = f"/mobile/v2/mentors/{guide.id}/sessions/"

    clock.move_to(until + timedelta(seconds=1))
    mentees, mentors = sign_in(buyer), sign_in(guide.user)
    for who in (mentees, mentors):
        for action, body in (("cancel", {}), ("reschedule", {"startsAt": "2026-11-25T09:00:00Z"})):
            answer = who.post(f"{address}{first.id}/{action}", body, format="json")
            problem = answer.json()
            assert (answer.status_code, problem["code"], problem["cancellableUntil"]) == (
                409, "cancellation_window_closed", "2026-11-24T03:00:00Z",
            )  # fmt: skip
    clock.move_to(until)
    answer = mentees.post(f"{address}{first.id}/cancel", {"reason": "Ill"}, format="json")
    assert (answer.status_code, answer.json()["status"], answer.json()["closedBy"]) == (200, "cancelled", "mentee")
    answer = mentors.post(f"{address}{second.id}/cancel", {}, format="json")
    assert (answer.status_code, answer.json()["closedBy"]) == (200, "mentor")


def test_session__of_others__is_nothing_to_a_stranger(
    sign_in: SignIn, other_freelancer: User, guide: Mentor, book: Book
) -> None:
    session, stranger = book(), sign_in(other_freelancer)
    here = f"/v1/mentors/{guide.id}/sessions/{session.id}"

    assert stranger.get(here).status_code == 404
    assert stranger.post(f"{here}/cancel", {}, format="json").status_code == 404
    assert stranger.post(f"{here}/approve").json()["code"] == "insufficient_scope"
    assert stranger.get(f"/v1/mentors/{guide.id}/sessions").json()["data"] == []


def test_scheduling__thirty_in_a_minute__and_then_no_more(client: SignedInClient, guide: Mentor, settings: Any) -> None:
    settings.RATE_LIMIT_SCALE = 1
    address = f"/mobile/v2/mentors/{guide.id}/sessions"

    answers, refused = until_refused(client.post(address, wanted(topic=""), format="json") for _ in count())

    assert 30 <= answers.number <= 30 + answers.seconds * 30 / 60 + 1
    assert refused.json()["code"] == "rate_limited"
    assert client.get(address).status_code == 200
