"""Access with tokens as clients get them: sign in, then try what one should not."""

from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from access import services
from access.models import AuditEntry, Role
from access.selectors import find_decision

pytestmark = pytest.mark.django_db

DEVICE = {"platform": "android", "name": "Pixel"}


@pytest.fixture
def account(client: Client, django_capture_on_commit_callbacks: Any) -> dict[str, Any]:
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            "/v1/auth/register",
            {"email": "someone@example.com", "password": "correct-horse-battery-9", "device": DEVICE},
            content_type="application/json",
        )
    assert response.status_code == 201, response.content
    answer: dict[str, Any] = response.json()
    return answer


@pytest.fixture
def bearer(account: dict[str, Any]) -> Client:
    return Client(headers={"Authorization": f"Bearer {account['access_token']}"})


@pytest.fixture
def user_id(account: dict[str, Any]) -> UUID:
    return UUID(account["user"]["id"])


@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_tree__real_mobile_token_of_a_superuser__is_404_on_record(
    bearer: Client, user_id: UUID, method: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.grant_role(actor=None, user_id=user_id, role="admin", reason="trial")

    response = getattr(bearer, method)(f"/{settings.STAFF_PATH}")

    entry = find_decision(response["X-Gigvora-Decision-Id"])
    assert response.status_code == 404
    assert entry is not None
    assert (entry.action, entry.user_id, entry.channel) == ("admin.access", user_id, "mobile-android")


@pytest.mark.parametrize("token", ["", "junk", "a.b.c", "x" * 10_000])
def test_staff_tree__worthless_token__is_404_all_the_same(token: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {token}"})

    assert client.get(f"/{settings.STAFF_PATH}").status_code == 404


def test_roles_header__role_not_held__is_403_on_record(bearer: Client, user_id: UUID) -> None:
    response = bearer.get("/v1/auth/me", headers={"X-Gigvora-Roles": "admin"})

    entry = AuditEntry.objects.get(action="header.spoof_attempt")
    assert (response.status_code, response.json()["code"]) == (403, "role_not_held")
    assert response["X-Gigvora-Decision-Id"] == response.json()["decision_id"] == entry.decision_id
    assert entry.user_id == user_id


def test_roles_header__role_held__narrows_this_request_alone(
    bearer: Client, user_id: UUID, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.grant_role(actor=None, user_id=user_id, role="support", reason="trial")
        services.grant_role(actor=None, user_id=user_id, role="mentor", reason="trial")

    narrowed = bearer.get("/v1/auth/me", headers={"X-Gigvora-Roles": "support"})
    whole = bearer.get("/v1/auth/me")

    assert narrowed.status_code == whole.status_code == 200
    assert narrowed.json()["roles"] == ["support"]
    assert {"support", "mentor"} <= set(whole.json()["roles"])


def test_old_token__role_taken_away__loses_the_scope_at_once(
    bearer: Client, user_id: UUID, django_capture_on_commit_callbacks: Any
) -> None:
    held = set(bearer.get("/v1/auth/me").json()["roles"])
    assert held

    with django_capture_on_commit_callbacks(execute=True):
        for role in held:
            services.revoke_role(actor=None, user_id=user_id, role=role, reason="trial over")
    after = bearer.get("/v1/auth/me").json()

    assert (after["roles"], after["scopes"]) == ([], [])


def test_old_token__scope_taken_from_the_role__loses_it_at_once(
    bearer: Client, django_capture_on_commit_callbacks: Any
) -> None:
    before = bearer.get("/v1/auth/me").json()
    assert before["scopes"]

    with django_capture_on_commit_callbacks(execute=True):
        for name in before["roles"]:
            services.change_role(actor=None, role=Role.objects.get(name=name), permissions=[])

    assert bearer.get("/v1/auth/me").json()["scopes"] == []
