"""The routes: who may, whole bodies, secrets shown once, addresses refused, and one price for one row and fifty."""

from datetime import timedelta
from unittest.mock import ANY
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import AuditEntry
from access.types import Principal
from accounts.models import User
from core.contributions.scopes import Persona
from core.db.ids import uuid7
from tests.accounts.actors import MakeUser, SignedInClient, SignIn
from tests.core.outbound.test_strangers import TRICKS
from tests.webhooks.conftest import EVENTS
from tests.webhooks.receiver import Receiver
from webhooks import services
from webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db

ROOT = "/v1/webhooks"


def test_endpoint__registered__is_whole_and_its_secret_shown_once(
    api_client: SignedInClient, receiver: Receiver
) -> None:
    body = {"url": receiver.address, "events": EVENTS[::-1], "description": "CRM"}

    made = api_client.post(ROOT, body, format="json")

    assert made.status_code == 201
    here = f"{ROOT}/{made.json()['id']}"

    def link(method: str, suffix: str = "") -> dict[str, str]:
        return {"href": here + suffix, "method": method}

    shown = {
        "id": ANY, "url": receiver.address, "description": "CRM", "events": EVENTS, "status": "active",
        "disabled_reason": "", "disabled_at": None, "failing_since": None, "former_secret_until": None,
        "created_at": ANY, "updated_at": ANY,
        "_links": {
            "self": link("GET"), "update": link("PATCH"), "delete": link("DELETE"),
            "deliveries": link("GET", "/deliveries"), "rotate_secret": link("POST", "/rotate-secret"),
            "test": link("POST", "/test"), "replay": link("POST", "/replay"), "disable": link("POST", "/disable"),
        },
    }  # fmt: skip
    secret = made.json()["secret"]
    assert made.json() == {**shown, "secret": secret}
    assert (secret[:6], made["Location"]) == ("whsec_", here)
    assert api_client.get(here).json() == shown
    assert api_client.get(ROOT).json()["data"] == [shown]


@pytest.mark.parametrize("url", [*(url for url in TRICKS if len(url) <= 2048), "http://example.com/hooks"])
def test_row_53__endpoint_at_an_address_with_a_trick__is_refused(api_client: SignedInClient, url: str) -> None:
    answer = api_client.post(ROOT, {"url": url, "events": EVENTS}, format="json")

    refused = (answer.status_code, answer.json()["code"])
    assert refused in {(422, "url_not_allowed"), (400, "malformed_json"), (422, "validation_failed")}
    assert not Endpoint.objects.exists()


def test_row_53__endpoint_moved_to_metadata__is_refused_and_stays(
    api_client: SignedInClient, endpoint: Endpoint, receiver: Receiver
) -> None:
    answer = api_client.patch(f"{ROOT}/{endpoint.id}", {"url": "https://169.254.169.254/"}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (422, "url_not_allowed")
    endpoint.refresh_from_db()
    assert endpoint.url == receiver.address


@pytest.mark.parametrize("events", [["freelancer.password_reset"], ["*"], ["freelancer.*"], []])
def test_endpoint__events_that_are_not_public__is_refused(api_client: SignedInClient, events: list[str]) -> None:
    answer = api_client.post(ROOT, {"url": "https://203.0.113.9/", "events": events}, format="json")

    assert answer.status_code == 422


def test_endpoint__eleventh_of_a_workspace__is_refused(
    api_client: SignedInClient, actor: Principal, receiver: Receiver
) -> None:
    for _ in range(10):
        services.register_endpoint(actor=actor, url=receiver.address, events=EVENTS)

    answer = api_client.post(ROOT, {"url": receiver.address, "events": EVENTS}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_endpoints")


def test_endpoint__changed__keeps_what_was_not_named(api_client: SignedInClient, endpoint: Endpoint) -> None:
    answer = api_client.patch(f"{ROOT}/{endpoint.id}", {"events": ["finance.payout.paid"]}, format="json")

    assert (answer.status_code, answer.json()["events"]) == (200, ["finance.payout.paid"])
    assert answer.json()["url"] == endpoint.url


def test_secret__rotated__is_new_shown_once_and_on_record(api_client: SignedInClient, endpoint: Endpoint) -> None:
    answer = api_client.post(f"{ROOT}/{endpoint.id}/rotate-secret")

    assert answer.status_code == 200
    assert answer.json()["secret"] not in {"", endpoint.secret}
    assert answer.json()["former_secret_until"] is not None
    assert AuditEntry.objects.filter(action="webhook.secret_rotated", target_id=str(endpoint.id)).count() == 1


def test_endpoint__disabled_and_enabled__says_so(api_client: SignedInClient, endpoint: Endpoint) -> None:
    here = f"{ROOT}/{endpoint.id}"

    off = api_client.post(f"{here}/disable").json()
    assert (off["status"], off["disabled_reason"], "enable" in off["_links"], "test" in off["_links"]) == (
        "disabled", "owner", True, False,
    )  # fmt: skip
    assert api_client.post(f"{here}/test").json()["code"] == "endpoint_disabled"
    on = api_client.post(f"{here}/enable").json()
    assert (on["status"], on["disabled_reason"], on["disabled_at"]) == ("active", "", None)


def test_test_event__asked_for__arrives_and_stands_in_the_log(
    api_client: SignedInClient, endpoint: Endpoint, receiver: Receiver
) -> None:
    here = f"{ROOT}/{endpoint.id}"

    sent = api_client.post(f"{here}/test")
    services.deliver_due()

    assert sent.status_code == 202
    [event] = receiver.events.values()
    assert event == {"type": "webhook.test", "timestamp": ANY, "channel": "web", "data": {"id": str(endpoint.id)}}
    [row] = api_client.get(f"{here}/deliveries").json()["data"]
    there = f"{here}/deliveries/{row['id']}"
    assert row == {
        "id": ANY, "event_id": next(iter(receiver.events)), "event_name": "webhook.test", "status": "delivered",
        "attempts": 1, "due_at": None, "status_code": 204, "latency_ms": ANY, "error": "", "created_at": ANY,
        "finished_at": ANY,
        "_links": {
            "self": {"href": there, "method": "GET"}, "replay": {"href": f"{there}/replay", "method": "POST"},
        },
    }  # fmt: skip
    log = api_client.get(there).json()
    assert log == {
        "delivery": row,
        "body": receiver.requests[0].body.decode(),
        "attempts": [
            {"number": 1, "ended_at": ANY, "latency_ms": ANY, "status_code": 204, "error": "", "response": ""}
        ],
    }

    assert api_client.post(f"{there}/replay").json()["status"] == "pending"
    services.deliver_due()
    assert list(receiver.deliveries.values()) == [2]


def test_events__listed__are_the_public_ones_with_their_fields(api_client: SignedInClient) -> None:
    known = {event["name"]: event for event in api_client.get(f"{ROOT}/events").json()["events"]}

    assert {f"freelancer.{what}" for what in ("registered", "verified", "profile_updated", "suspended", "reinstated",
            "offboarded")} <= known.keys()  # fmt: skip
    assert "freelancer.password_reset" not in known
    assert known["finance.payout.paid"]["payload"] == {
        "id": "uuid of the payout", "requested_by": "uuid", "amount": "integer", "currency": "string",
    }  # fmt: skip


def test_stranger__whatever_they_ask__finds_nothing(
    endpoint: Endpoint, make_user: MakeUser, sign_in: SignIn, api_client: SignedInClient
) -> None:
    other = sign_in(make_user(persona=Persona.AGENCY))
    here = f"{ROOT}/{endpoint.id}"
    delivery = api_client.post(f"{here}/test").json()["id"]

    for path in (here, f"{here}/deliveries", f"{here}/deliveries/{delivery}"):
        assert other.get(path).status_code == 404
    for action in ("rotate-secret", "test", "enable", "disable", f"deliveries/{delivery}/replay"):
        assert other.post(f"{here}/{action}").status_code == 404
    since = {"since": "2026-01-01T00:00:00Z"}
    assert other.post(f"{here}/replay", since, format="json").status_code == 404
    assert other.patch(here, {"description": "x"}, format="json").status_code == 404
    assert other.delete(here).status_code == 404
    assert other.get(ROOT).json()["data"] == []
    assert Endpoint.objects.filter(id=endpoint.id, description="").exists()


def test_platform_endpoint__of_staff__is_nobodys_to_see(
    staff: User, api_client: SignedInClient, receiver: Receiver
) -> None:
    made = services.register_platform_endpoint(actor_id=staff.id, url=receiver.address, events=EVENTS)

    assert api_client.get(f"{ROOT}/{made.id}").status_code == 404


def test_writing__proof_is_old__asks_for_a_fresh_one(api_client: SignedInClient, endpoint: Endpoint) -> None:
    with time_machine.travel(timezone.now() + settings.STEP_UP_FRESHNESS + timedelta(seconds=1)):
        answer = api_client.post(f"{ROOT}/{endpoint.id}/rotate-secret")

    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


def test_endpoint__deleted__takes_its_log_along(api_client: SignedInClient, endpoint: Endpoint) -> None:
    api_client.post(f"{ROOT}/{endpoint.id}/test")

    assert api_client.delete(f"{ROOT}/{endpoint.id}").status_code == 204
    assert not Delivery.objects.exists()


def test_lists__with_more_rows__ask_as_many_queries(api_client: SignedInClient, endpoint: Endpoint) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api_client.get(path).status_code == 200
        return len(queries)

    path = f"{ROOT}/{endpoint.id}/deliveries?limit=50"
    api_client.get(path)  # the session is remembered from here on
    before = cost(path)
    Delivery.objects.bulk_create(
        Delivery(id=uuid7(), endpoint=endpoint, event_id=uuid4(), event_name="x.y", body="{}", channel="web")
        for _ in range(30)
    )
    assert cost(path) == before
    assert before <= 5
