"""The limits of requests that stand in front of signing in."""

from itertools import cycle
from threading import Semaphore
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import attempts
from accounts.errors import TooManyAttempts
from accounts.hashers import hashing
from accounts.models import User
from core.cache import ResilientRedisCache
from core.testing.limits import until_refused
from tests.accounts.actors import PASSWORD, SignIn

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "body", "free"),
    [
        ("register", {}, 10),
        ("login", {}, 30),
        ("refresh", {}, 120),
        ("forgot-password", {}, 5),
        ("verify-email", {}, 5),
        ("reset-password", {}, 10),
        ("passwordless/start", {}, 10),
        ("passwordless/verify", {}, 30),
        ("second-factor/verify", {}, 30),
        ("recovery/start", {}, 5),
        ("recovery/continue", {}, 30),
        ("change-email/confirm", {}, 30),
    ],
)
def test_door__hammered_from_one_network__is_limited_on_both_surfaces_together(
    settings: Settings, path: str, body: dict[str, Any], free: int
) -> None:
    settings.RATE_LIMIT_SCALE = 1

    answers, refused = until_refused(
        APIClient().post(f"/{surface}/auth/{path}", body, format="json") for surface in cycle(("v1", "api"))
    )

    # No door is given more than 120 a minute back.
    assert free <= answers.number <= free + answers.seconds * 2 + 1
    assert int(refused.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("login", {"email": 0, "password": "x"}),
        ("login", {"email": "a@example.com", "password": 0}),
        ("refresh", {"refresh_token": 0}),
        ("forgot-password", {"email": 0}),
        ("verify-email", {"email": True}),
        ("reset-password", {"token": 0, "new_password": "x"}),
    ],
)
def test_door__value_of_the_wrong_type__is_refused_and_not_converted(path: str, body: dict[str, Any]) -> None:
    response = APIClient().post(f"/v1/auth/{path}", body, format="json")

    assert response.status_code == 422
    assert [error["code"] for error in response.json()["errors"]] == ["invalid_type"]


def test_attempts__shared_cache_lost__are_counted_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "cache", ResilientRedisCache("redis://127.0.0.1:1/0", {}))
    subject = uuid4().hex

    for _ in range(attempts.FREE_ATTEMPTS + 1):
        attempts.admit(subject)
    with pytest.raises(TooManyAttempts) as refused:
        attempts.admit(subject)

    assert refused.value.retry_after in {1, 2}
    attempts.forgive(subject)
    attempts.admit(subject)


def test_login__shed_by_a_busy_machine__is_no_guess(
    api: APIClient, freelancer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, right = sign_in(freelancer), {"email": freelancer.email, "password": PASSWORD}

    with monkeypatch.context() as storm:
        storm.setattr(hashing, "_places", Semaphore(0))
        for _ in range(3 * attempts.FREE_ATTEMPTS):
            assert api.post("/v1/auth/login", right, format="json").status_code == 503
            shed = client.post("/v1/auth/step-up", {"method": "pwd", "password": PASSWORD}, format="json")
            assert shed.status_code == 503

    assert api.post("/v1/auth/login", right, format="json").status_code == 200
    assert client.post("/v1/auth/step-up", {"method": "pwd", "password": PASSWORD}, format="json").status_code == 200
    wrong = {**right, "password": "not-This-one"}
    answers = [api.post("/v1/auth/login", wrong, format="json").status_code for _ in range(attempts.FREE_ATTEMPTS + 2)]
    assert answers[-1] == 429
