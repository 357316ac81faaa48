"""Mentors over HTTP: the list, profiles, applications and hours."""

from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest

from access.types import Principal
from accounts.models import User
from core.http.wire import Case, Wire
from core.testing.queries import counted_queries
from core.testing.rows import assert_lean_equals_serializer
from mentors import selectors, services
from mentors.models import Mentor, MentorSession
from mentors.serializers import MentorSessionSerializer
from tests.accounts.actors import SignedInClient, SignIn
from tests.mentors.conftest import TUESDAY_TEN, Book, make_mentor

pytestmark = pytest.mark.django_db

TAGS = [{"slug": "pricing", "label": "Pricing", "weight": 1.0}, {"slug": "c++", "label": "C++", "weight": 0.5}]


def test_mentors__listed__are_whole_and_offer_what_can_be_done(client: SignedInClient, guide: Mentor) -> None:
    body = client.get("/v1/mentors").json()

    here = f"/v1/mentors/{guide.id}"
    assert body["data"] == [
        {
            "id": str(guide.id), "name": "Freelancer", "headline": "Prices what others guess", "bio": "",
            "expertise_tags": [],
            "price": {"amount": "90.00", "currency": "USD", "minor_units": 90_00, "formatted": "$90.00"},
            "timezone": "Europe/Berlin", "durations": [30, 60], "notice_minutes": 1440, "horizon_days": 60,
            "is_accepting": True, "version": 2, "updated_at": ANY,
            "_links": {
                "self": {"href": here, "method": "GET"},
                "availability": {"href": f"{here}/availability", "method": "GET"},
                "book": {"href": f"{here}/sessions", "method": "POST"},
            },
        }
    ]  # fmt: skip
    assert client.get(here).json() == body["data"][0]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("expertise=pricing", 1),
        ("expertise=c%2B%2B", 1),
        ("expertise=pric", 0),
        ("q=guess", 1),
        ("max_price_minor=1", 0),
    ],
)
def test_mentors__filtered__are_those_that_fit(
    client: SignedInClient, guide: Mentor, host: Principal, query: str, count: int
) -> None:
    services.update_profile(actor=host, expertise=[dict(tag) for tag in TAGS])  # type: ignore[arg-type]

    assert len(client.get(f"/v1/mentors?{query}").json()["data"]) == count


def test_application__from_the_first_word_to_the_first_hour__waits_for_staff(
    sign_in: SignIn, other_freelancer: User
) -> None:
    person = sign_in(other_freelancer)
    assert person.get("/v1/mentors/me").status_code == 404
    sent = {
        "headline": "Rust", "motivation": "I like to teach.", "timezone": "Asia/Tokyo", "expertise_tags": TAGS,
        "price": {"amount": "4500", "currency": "JPY"}, "durations": [60, 30, 30],
    }  # fmt: skip

    answer = person.post("/v1/mentors", sent, format="json")

    shown = answer.json()
    assert (answer.status_code, answer["Location"], shown["status"]) == (201, "/v1/mentors/me", "pending")
    assert (shown["durations"], shown["expertise_tags"], shown["price"]["minor_units"]) == ([30, 60], TAGS, 4500)
    assert person.post("/v1/mentors", sent, format="json").json()["code"] == "already_applied"
    assert person.get("/v1/mentors").json()["data"] == []
    assert person.get(f"/v1/mentors/{other_freelancer.pk}").status_code == 404
    rule = {"weekday": 1, "starts": "09:00", "ends": "24:00"}
    assert person.post("/v1/mentors/me/rules", rule, format="json").json()["code"] == "insufficient_scope"

    services.approve_mentor(actor_id=None, mentor_id=other_freelancer.pk)
    assert person.get("/v1/mentors/me").json()["status"] == "approved"
    assert sign_in(other_freelancer).post("/v1/mentors/me/rules", rule, format="json").status_code == 201


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"durations": []}, "/durations"),
        ({"durations": [7]}, "/durations"),
        ({"slot_minutes": 7}, "/slot_minutes"),
        ({"price": {"amount": "-1", "currency": "USD"}}, "/price"),
        ({"price": {"amount": "1.001", "currency": "USD"}}, "/price"),
        ({"expertise_tags": [TAGS[0], TAGS[0]]}, "/expertise_tags"),
        ({"status": "approved"}, "/status"),
    ],
)
def test_profile__what_cannot_be__names_the_field(
    host_client: SignedInClient, change: dict[str, Any], pointer: str
) -> None:
    answer = host_client.patch("/v1/mentors/me", change, format="json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


def test_profile__changed_in_an_old_version__is_refused(host_client: SignedInClient) -> None:
    shown = host_client.get("/v1/mentors/me")
    first = host_client.patch("/v1/mentors/me", {"bio": "x"}, format="json", HTTP_IF_MATCH=shown["ETag"])
    second = host_client.patch("/v1/mentors/me", {"bio": "y"}, format="json", HTTP_IF_MATCH=shown["ETag"])

    assert [first.status_code, second.status_code] == [200, 412]


def test_hours__made_changed_and_removed__are_the_mentors_own(
    host_client: SignedInClient, sign_in: SignIn, make_user: Any
) -> None:
    made = host_client.post("/v1/mentors/me/rules", {"weekday": 6, "starts": "22:00", "ends": "24:00"}, format="json")
    rule = made.json()
    here = f"/v1/mentors/me/rules/{rule['id']}"

    assert (made.status_code, made["Location"]) == (201, here)
    assert rule == {
        "id": ANY, "weekday": 6, "starts": "22:00", "ends": "24:00", "first_day": None, "last_day": None,
        "version": 1, "updated_at": ANY,
        "_links": {
            "self": {"href": here, "method": "GET"}, "update": {"href": here, "method": "PATCH"},
            "delete": {"href": here, "method": "DELETE"},
        },
    }  # fmt: skip
    assert host_client.patch(here, {"starts": "24:00"}, format="json").status_code == 422
    assert host_client.patch(here, {"starts": "21:30"}, format="json").json()["starts"] == "21:30"
    other = sign_in(make_mentor(make_user()).user)
    assert [other.get(here).status_code, other.delete(here).status_code] == [404, 404]
    assert [host_client.delete(here).status_code, host_client.get(here).status_code] == [204, 404]


def test_exceptions__made_and_listed__are_whole_days_unless_told_otherwise(host_client: SignedInClient) -> None:
    made = host_client.post(
        "/v1/mentors/me/exceptions", {"kind": "closed", "first_day": "2026-12-24", "note": "Family"}, format="json"
    ).json()

    assert {name: made[name] for name in ("kind", "first_day", "last_day", "starts", "ends", "note")} == {
        "kind": "closed", "first_day": "2026-12-24", "last_day": "2026-12-24", "starts": "00:00", "ends": "24:00",
        "note": "Family",
    }  # fmt: skip
    assert host_client.get("/v1/mentors/me/exceptions").json()["data"] == [made]


def test_sessions__of_both_sides__are_listed_and_rendered_alike(
    client: SignedInClient, host_client: SignedInClient, guide: Mentor, book: Book
) -> None:
    book()
    for person, party in ((client, "mentee"), (host_client, "mentor")):
        [session] = person.get("/v1/mentors/sessions").json()["data"]
        assert person.get(f"/v1/mentors/sessions?party={party}").json()["data"] == [session]
        assert person.get("/v1/mentors/sessions?status=approved").json()["data"] == []
        assert person.get(f"/v1/mentors/{guide.id}/sessions").json()["data"] == [session]
    assert set(session["_links"]) == {"self", "approve", "decline", "cancel", "reschedule"}

    for caller in (client.principal, host_client.principal):
        assert_lean_equals_serializer(
            MentorSessionSerializer, selectors.list_sessions(caller).select_related("mentor__user", "mentee"),
            wire=Wire(Case.CAMEL), caller=caller, context={"money": lambda minor, currency: {"minor": minor}},
        )  # fmt: skip


def test_lists__of_one_row_or_many__cost_the_same(
    client: SignedInClient, guide: Mentor, book: Book, make_user: Any
) -> None:
    addresses = ("/v1/mentors", "/v1/mentors/sessions", f"/v1/mentors/{guide.id}/sessions")

    def costs() -> list[int]:
        found = []
        for address in addresses:
            with counted_queries() as counted:
                assert client.get(address).json()["data"]
            found.append(len(counted))
        return found

    book()
    client.get("/v1/mentors")  # who is asking is looked up once
    few = costs()
    for number in range(1, 5):
        book(starts_at=TUESDAY_TEN + timedelta(hours=number))
        make_mentor(make_user())

    assert costs() == few


def test_decisions__of_the_mentor_over_http__lead_where_they_should(
    host_client: SignedInClient, client: SignedInClient, guide: Mentor, book: Book
) -> None:
    session = book()
    here = f"/mobile/v2/mentors/{guide.id}/sessions/{session.id}"

    assert host_client.post(f"{here}/approve").json()["status"] == "approved"
    again = host_client.post(f"{here}/approve")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_state")
    moved = client.post(f"{here}/reschedule", {"startsAt": "2026-11-25T09:00:00Z"}, format="json").json()
    assert (moved["status"], moved["startsAt"]) == ("requested", "2026-11-25T09:00:00Z")
    assert host_client.post(f"{here}/decline", {"reason": "Ill"}, format="json").json()["reason"] == "Ill"


def test_support_lead__over_http__cancels_late_with_a_reason(
    sign_in: SignIn, support_lead: User, guide: Mentor, book: Book, clock: Any
) -> None:
    session = book()
    clock.move_to(session.starts_at)
    lead, here = sign_in(support_lead), f"/v1/mentors/{guide.id}/sessions/{session.id}/cancel"

    assert lead.post(here, {}, format="json").json()["errors"][0]["pointer"] == "/reason"
    answer = lead.post(here, {"reason": "The building is closed"}, format="json")

    assert (answer.status_code, answer.json()["closed_by"]) == (200, "support")
    assert MentorSession.objects.get().status == "cancelled"
