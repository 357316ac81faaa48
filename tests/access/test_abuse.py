"""Abuse of roles, headers, gateways and staff routes, by the rows of the threat list: one test each."""

from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from access import services
from access.models import AuditEntry
from accounts.models import User
from core.http.access import Audience
from tests.accounts.actors import SignIn
from tests.fakes.gateway import Gateway, ThroughGateway

pytestmark = pytest.mark.django_db

ME = "/v1/auth/me"
EXPLAIN = f"/{settings.STAFF_PATH}api/decisions/explain"
EVENTS = "/v1/calendar/events"


def rights(response: Any) -> tuple[list[str], list[str]]:
    return response.json()["roles"], response.json()["scopes"]


@pytest.mark.parametrize(
    "field",
    ["is_staff", "is_superuser", "role", "roles", "scopes", "groups", "id", "user", "balance", "status", "verified_at",
     "created_at", "email", "security_version"],
)  # fmt: skip
def test_row_33__mass_assignment__is_422_and_changes_nothing(freelancer: User, sign_in: SignIn, field: str) -> None:
    before = User.objects.values().get(id=freelancer.id)

    response = sign_in(freelancer).patch(ME, {"full_name": "New", field: True}, format="json")

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"/{field}"
    assert User.objects.values().get(id=freelancer.id) == before


@pytest.mark.parametrize(
    "given",
    [{"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"}, {"QUERY_STRING": "_method=DELETE"}, {"HTTP_X_METHOD_OVERRIDE": "PUT"}],
    ids=str,
)
def test_row_34__method_override__is_never_followed(freelancer: User, sign_in: SignIn, given: dict[str, Any]) -> None:
    client = sign_in(freelancer)
    device = client.signed_in.session.device_id

    response = client.post(f"/v1/devices/{device}", {}, format="json", **given)

    assert response.status_code == 405
    assert client.get(ME).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["admin", "freelancer,admin", "admin,admin", "x" * 10_000, "\u0430dmin", "admin\u200b", "*", "FREELANCER", ""],
)
@pytest.mark.parametrize("name", ["HTTP_X_GIGVORA_ROLES", "HTTP_X_Gigvora_Roles"])
def test_row_35__roles_header_asks_for_more__is_403_on_record_or_ignored(
    freelancer: User, sign_in: SignIn, name: str, header: str
) -> None:
    client = sign_in(freelancer)
    held = rights(client.get(ME))

    given: dict[str, Any] = {name: header}
    response = client.get(ME, **given)

    if name == name.upper():
        assert (response.status_code, response.json()["code"]) == (403, "role_not_held")
        assert AuditEntry.objects.filter(
            action="header.spoof_attempt", user_id=freelancer.id, decision_id=response["X-Gigvora-Decision-Id"]
        ).exists()
    else:
        assert rights(response) == held


def test_row_36__past_the_gateway__is_401_on_record(freelancer: User, sign_in: SignIn, settings: Settings) -> None:
    client, others = sign_in(freelancer), sign_in(freelancer)
    known = Gateway()
    settings.GATEWAY_PUBLIC_KEYS = [known.public_pem]
    own, foreign = client.signed_in.tokens.access_token, others.signed_in.tokens.access_token
    attempts = {
        "none": "",
        "stale": known.assertion(own, "GET", ME, iat=1_700_000_000, exp=1_700_000_030),
        "for another token": known.assertion(foreign, "GET", ME),
        "for another path": known.assertion(own, "GET", EVENTS),
        "self-signed": Gateway().assertion(own, "GET", ME),
    }

    for name, assertion in attempts.items():
        response = client.get(ME, HTTP_X_GIGVORA_GATEWAY_ASSERTION=assertion)

        assert (response.status_code, response.json()["code"]) == (401, "gateway_required"), name
        assert AuditEntry.objects.filter(decision_id=response.json()["decision_id"], outcome="denied").exists()
    assert ThroughGateway(known, own).get(ME).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["X-User-Id", "X-Remote-User", "Remote-User", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "X-Forwarded-Host",
     "X-Forwarded-User", "X-Gigvora-User"],
)  # fmt: skip
def test_row_37__identity_and_routing_headers__are_not_believed(
    freelancer: User, staff: User, sign_in: SignIn, name: str
) -> None:
    claim = {name: f"for={staff.id};host=evil.test" if name == "Forwarded" else str(staff.id)}

    assert APIClient().get(ME, headers=claim).status_code == 401
    mine = sign_in(freelancer).get(ME, headers=claim)
    assert (mine.status_code, mine.json()["id"]) == (200, str(freelancer.id))
    assert APIClient().get("/v1/nowhere", headers={name: "/health"}).status_code == 404


@pytest.mark.parametrize("audience", [Audience.ANDROID, Audience.IOS, Audience.WEB])
def test_row_38__superuser_with_a_mobile_token__finds_no_staff_route(
    staff: User, sign_in: SignIn, audience: Audience
) -> None:
    client = sign_in(staff, audience)

    for method, path in (("post", EXPLAIN), ("get", EXPLAIN), ("get", f"/{settings.STAFF_PATH}")):
        response = getattr(client, method)(path)
        nothing = client.get("/v1/nowhere")

        assert response.status_code == 404
        assert set(response.json()) == set(nothing.json())
        assert response.json()["code"] == nothing.json()["code"] == "not_found"
        assert AuditEntry.objects.filter(action="admin.access", decision_id=response["X-Gigvora-Decision-Id"]).exists()


def test_row_38__staff_cookie__opens_no_api(staff: User) -> None:
    browser = Client()
    browser.force_login(staff)
    assert browser.get(f"/{settings.STAFF_PATH}").status_code == 200

    assert browser.get(ME).status_code == 401
    assert browser.post(EXPLAIN, {"decision_id": "dec_x"}, content_type="application/json").status_code == 404


def test_row_39__old_token_with_wider_scope__is_held_to_the_roles_of_now(
    freelancer: User, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    client = sign_in(freelancer)
    assert client.get(EVENTS).status_code == 200
    assert "calendar:view" in client.signed_in.tokens.scope

    with django_capture_on_commit_callbacks(execute=True):
        services.revoke_role(actor=None, user_id=UUID(str(freelancer.id)), role="freelancer", reason="left")

    refused = client.get(EVENTS)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    "path", [f"/{settings.STAFF_PATH}api/decisions/explain", "/graphql", "/debug", "/__debug__/", "/admin/doc/"]
)
def test_row_70__what_is_not_for_everybody__is_not_there(path: str) -> None:
    response = APIClient().get(path)

    # Who asks for a staff screen without a session is shown the door to it, and nothing else.
    assert response.status_code == 404 or response["Location"].startswith(f"/{settings.STAFF_PATH}login/")


def test_row_70__staff_routes__are_absent_from_the_document() -> None:
    document = APIClient().get("/v1/openapi.json").json()

    assert [path for path in document["paths"] if path.startswith(f"/{settings.STAFF_PATH}")] == []
    assert "admin:" not in str(document)
