"""People with an authenticator app, and a clock that their tests turn; for the tests of accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from tests.accounts.actors import PASSWORD, SignedInClient, SignIn

Travel = Callable[..., None]


@dataclass
class Guarded:
    """Somebody with a second factor: `app` shows codes, `codes` are the recovery codes not used yet."""

    user: User
    client: SignedInClient
    app: pyotp.TOTP
    codes: list[str]

    def challenge(self, device: dict[str, str] | None = None) -> str:
        """The id of the challenge that the right password leads to."""
        refused = login(self.user, device)
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
        return str(refused.json()["challenge"]["id"])


def login(user: User, device: dict[str, str] | None = None, password: str = PASSWORD) -> Any:
    body = {"email": user.email, "password": password, **({"device": device} if device else {})}
    return APIClient().post("/v1/auth/login", body, format="json")


def verify(challenge: str, code: str, method: str = "otp") -> Any:
    body = {"challenge": challenge, "code": code, "method": method}
    return APIClient().post("/v1/auth/second-factor/verify", body, format="json")


def bearer(access_token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token}")
    return client


def enrol(client: APIClient) -> tuple[str, pyotp.TOTP]:
    """An enrolment and the app that was set up with it."""
    answer = client.post("/v1/auth/second-factor/totp", {}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()["id"], pyotp.TOTP(answer.json()["secret"])


def confirm(client: APIClient, enrolment: str, code: str) -> Any:
    return client.post("/v1/auth/second-factor/totp/confirm", {"enrolment": enrolment, "code": code}, format="json")


@pytest.fixture
def clock() -> Any:
    """Stands still, at the beginning of a time step; `clock.shift(seconds)` moves it."""
    now = timezone.now()
    start = now - timedelta(seconds=now.timestamp() % 30) + timedelta(seconds=1)
    with time_machine.travel(start, tick=False) as traveller:
        yield traveller


@pytest.fixture
def guarded(clock: Any, freelancer: User, sign_in: SignIn) -> Guarded:
    """Enrolled through the API; their own code is two minutes old, so that the app shows a new one."""
    client = sign_in(freelancer)
    enrolment, app = enrol(client)
    answer = confirm(client, enrolment, app.now())
    assert answer.status_code == 200, answer.content
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    clock.shift(120)
    freelancer.refresh_from_db()
    return Guarded(freelancer, client, app, answer.json()["recovery_codes"])
