"""Sessions of staff clients: who gets one, for how long, and what it opens."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from access.models import AuditEntry
from access.services import revoke_role
from accounts import passwords
from accounts.models import DeviceSession, User
from tests.accounts.actors import PASSWORD, SignIn
from tests.accounts.guarded import Guarded, verify

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


@pytest.fixture
def lena(guarded: Guarded) -> Guarded:
    """Somebody of the staff, with an authenticator app."""
    User.objects.filter(id=guarded.user.id).update(is_staff=True)
    return guarded


def test_refresh__after_leaving_the_staff__has_ended(support: User) -> None:
    token = attempt(support).json()["refresh_token"]
    revoke_role(actor=None, user_id=support.id, role="support", reason="left")

    answer = APIClient().post("/v1/auth/refresh", {"refresh_token": token}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


def test_refresh__of_the_app_after_leaving_the_staff__goes_on(support: User, sign_in: SignIn) -> None:
    token = sign_in(support).signed_in.tokens.refresh_token
    revoke_role(actor=None, user_id=support.id, role="support", reason="left")

    assert APIClient().post("/v1/auth/refresh", {"refresh_token": token}, format="json").status_code == 200


def test_refresh__without_the_factor_that_staff_must_have__has_ended(support: User, settings: Settings) -> None:
    token = attempt(support).json()["refresh_token"]
    settings.STAFF_NEEDS_SECOND_FACTOR = True

    assert APIClient().post("/v1/auth/refresh", {"refresh_token": token}, format="json").status_code == 401


def test_challenge__answered_after_leaving_the_staff__begins_nothing(lena: Guarded) -> None:
    asked = attempt(lena.user).json()["challenge"]["id"]
    before = DeviceSession.objects.count()
    User.objects.filter(id=lena.user.id).update(is_staff=False)  # as with the last staff role

    answer = verify(asked, lena.app.now())

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert DeviceSession.objects.count() == before


def test_login__staff_role_lost_while_the_password_is_looked_at__begins_nothing(
    support: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = passwords.matches

    def slow(user: User | None, password: str) -> bool:
        revoke_role(actor=None, user_id=support.id, role="support", reason="left")
        return matches(user, password)

    monkeypatch.setattr(passwords, "matches", slow)

    assert attempt(support).status_code == 401
    assert not DeviceSession.objects.exists()


@pytest.mark.parametrize("must", [True, False])
def test_second_factor__of_the_staff__can_be_removed_only_where_none_is_needed(
    lena: Guarded, settings: Settings, must: bool
) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = must
    answer = verify(attempt(lena.user).json()["challenge"]["id"], lena.app.now())
    client = bearer(answer.json()["access_token"])

    removed = client.delete("/v1/auth/second-factor/totp")

    lena.user.refresh_from_db()
    assert lena.user.has_second_factor is must
    assert removed.status_code == (409 if must else 200)
    assert removed.json().get("code") == ("staff_need_second_factor" if must else None)
