"""Sessions of staff clients: who gets one, for how long, and what it opens."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.models import User
from tests.accounts.actors import PASSWORD, SignIn

pytestmark = pytest.mark.django_db

LOGIN = f"/{settings.STAFF_PATH}api/auth/login"
EXPLAIN = f"/{settings.STAFF_PATH}api/decisions/explain"


def attempt(user: User, password: str = PASSWORD) -> Any:
    return APIClient().post(LOGIN, {"email": user.email, "password": password}, format="json")


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_login__staff__get_a_short_session_with_staff_scopes(support: User) -> None:
    response = attempt(support)

    answer = response.json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert response.status_code == 200
    assert (claims["aud"], answer["expires_in"]) == ("gigvora-admin", 300)
    assert 0 < answer["refresh_expires_in"] <= 30 * 60
    assert "admin:people.read" in answer["scope"].split()
    assert AuditEntry.objects.get(action="login.success").channel == "admin"


def test_login__refreshed_for_twelve_hours__ends(support: User) -> None:
    refresh = attempt(support).json()["refresh_token"]

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(24):
            clock.shift(timedelta(minutes=29, seconds=59))
            answer = APIClient().post("/v1/auth/refresh", {"refresh_token": refresh}, format="json")
            assert answer.status_code == 200
            refresh = answer.json()["refresh_token"]
        clock.shift(timedelta(minutes=5))
        answer = APIClient().post("/v1/auth/refresh", {"refresh_token": refresh}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_login__who_is_not_staff__looks_like_a_wrong_password(freelancer: User, support: User, password: str) -> None:
    refused, wrong = attempt(freelancer, password), attempt(support, "wrong")

    def shown(response: Any) -> Any:
        return {name: value for name, value in response.json().items() if name != "trace_id"}

    assert refused.status_code == 401
    assert shown(refused) == shown(wrong)


def test_explain__support__gets_the_story_on_record(support: User, freelancer: User, sign_in: SignIn) -> None:
    refused = sign_in(freelancer).get("/v1/auth/me", HTTP_X_GIGVORA_ROLES="admin")
    decision_id = refused["X-Gigvora-Decision-Id"]
    client = bearer(attempt(support).json()["access_token"])

    response = client.post(EXPLAIN, {"decision_id": decision_id}, format="json")

    told = response.json()
    gates = {gate["name"]: gate["outcome"] for gate in told.pop("gates")}
    entry = AuditEntry.objects.get(decision_id=decision_id)
    assert response.status_code == 200
    assert gates == {
        "route": "passed",
        "gateway": "not asked",
        "roles": "refused",
        "signed_in": "not asked",
        "audience": "not asked",
        "scope": "not asked",
        "assurance": "not asked",
        "step_up": "not asked",
        "share": "not asked",
    }
    assert told == {
        "decision_id": decision_id,
        "allowed": False,
        "recorded_at": entry.recorded_at.isoformat().replace("+00:00", "Z"),
        "trace_id": entry.trace_id,
        "who": told["who"],
        "what": "-",
        "resource": "-",
        "reason": "role_not_held",
        "granted_by": "-",
        "remedy": "naming only roles held; the header said 'admin'",
        "taken": "once",
        "policy": told["policy"],
    }
    assert str(freelancer.id) in told["who"]
    granted = AuditEntry.objects.get(action="access.granted")
    assert (granted.user_id, granted.decision_id) == (support.id, response["X-Gigvora-Decision-Id"])


def test_explain__unknown_decision__is_404(support: User) -> None:
    client = bearer(attempt(support).json()["access_token"])

    assert client.post(EXPLAIN, {"decision_id": "dec_nothing"}, format="json").status_code == 404


def test_explain__marketing__lacks_the_scope(marketer: User) -> None:
    client = bearer(attempt(marketer).json()["access_token"])

    assert client.post(EXPLAIN, {"decision_id": "dec_x"}, format="json").json()["code"] == "insufficient_scope"
