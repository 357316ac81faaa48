"""Proving once more who one is."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.models import AuditEntry
from accounts.models import DeviceSession, User
from accounts.services import sessions
from accounts.services.issuing import tokens_for
from accounts.types import DeviceClaim, Method
from tests.accounts.actors import PASSWORD, SignIn
from tests.accounts.guarded import Guarded, bearer

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/auth/step-up"
GATED = "/v1/auth/second-factor/totp"


def step_up(client: Any, method: str, **secret: str) -> Any:
    return client.post(PATH, {"method": method, **secret}, format="json")


def test_step_up__fresh_sign_in__needs_none(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    until = timezone.now() + timedelta(minutes=5)

    answer = sign_in(freelancer).get(PATH)

    assert answer.json() == {
        "is_fresh": True,
        "fresh_until": until.isoformat().replace("+00:00", "Z"),
        "methods": ["pwd"],
    }


def test_step_up__with_the_password__opens_what_was_closed(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    clock.shift(301)
    assert client.post(GATED, {}, format="json").json()["code"] == "step_up_required"
    assert client.get(PATH).json() == {"is_fresh": False, "fresh_until": None, "methods": ["pwd"]}

    answer = step_up(client, "pwd", password=PASSWORD)

    assert (answer.status_code, answer.json()["is_fresh"]) == (200, True)
    assert client.post(GATED, {}, format="json").status_code == 201  # with the same access token, at once
    assert AuditEntry.objects.filter(action="login.stepped_up", outcome="success").count() == 1


def test_step_up__wrong_password__is_no_401_and_changes_nothing(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    clock.shift(301)

    answer = step_up(client, "pwd", password="wrong")

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_password")
    assert client.get(PATH).json()["is_fresh"] is False
    assert AuditEntry.objects.filter(action="login.stepped_up", outcome="failure").count() == 1


def test_step_up__guessing__is_slowed_down(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)

    statuses = [step_up(client, "pwd", password="wrong").status_code for _ in range(8)]

    assert statuses[:6] == [400] * 6
    assert 429 in statuses


def test_step_up__with_a_second_factor__takes_nothing_less(guarded: Guarded, clock: Any) -> None:
    clock.shift(240)
    assert guarded.client.get(PATH).json() == {"is_fresh": False, "fresh_until": None, "methods": ["otp", "recovery"]}

    answer = step_up(guarded.client, "pwd", password=PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (409, "method_not_available")

    assert step_up(guarded.client, "otp", code=guarded.app.now()).status_code == 200
    assert step_up(guarded.client, "otp", code=guarded.app.now()).json()["code"] == "invalid_code"  # used
    assert DeviceSession.objects.get(revoked_at=None).amr == "pwd otp"


def test_step_up__with_a_recovery_code__uses_it_up(guarded: Guarded) -> None:
    assert step_up(guarded.client, "recovery", code=guarded.codes[3]).status_code == 200
    assert step_up(guarded.client, "recovery", code=guarded.codes[3]).json()["code"] == "invalid_code"
    assert guarded.client.get("/v1/auth/second-factor").json()["recovery_codes_left"] == 9


def test_step_up__session_begun_by_mail__is_not_fresh_and_mail_cannot_make_it_so(clock: Any, freelancer: User) -> None:
    session = sessions.start(user=freelancer, claim=DeviceClaim(), methods=(Method.EMAIL,))
    client = bearer(tokens_for(session).access_token)

    assert client.post(GATED, {}, format="json").json()["code"] == "step_up_required"
    assert step_up(client, "email", code="123456").status_code == 422
    assert step_up(client, "pwd", password=PASSWORD).status_code == 200
    assert client.post(GATED, {}, format="json").status_code == 201


def test_step_up__account_without_a_password__has_no_way_here(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    freelancer.set_unusable_password()
    freelancer.save()

    assert client.get(PATH).json()["methods"] == []
    assert step_up(client, "pwd", password=PASSWORD).json()["code"] == "method_not_available"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"method": "pwd"},
        {"method": "pwd", "code": "123456"},
        {"method": "otp", "password": "x"},
        {"method": "otp", "code": "123456", "password": "x"},
        {"method": "passkey", "code": "123456"},
        {"method": "otp", "code": 123456},
    ],
)
def test_step_up__malformed__is_refused(freelancer: User, sign_in: SignIn, body: dict[str, Any]) -> None:
    assert sign_in(freelancer).post(PATH, body, format="json").status_code == 422


def test_plain_flows__proof_too_old__need_none(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    clock.shift(301)

    assert client.get("/v1/auth/me").status_code == 200
    assert client.patch("/v1/auth/me", {"full_name": "Ada"}, format="json").status_code == 200
    assert client.get("/v1/sessions").status_code == 200
    assert client.post("/v1/auth/logout", {}, format="json").status_code == 200
