"""Exact origins only, credentials under wallet routes only, and `Vary: Origin` on whatever leaves."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = [pytest.mark.urls("tests.core.http.urls"), pytest.mark.django_db]

ALLOWED = "https://app.gigvora.com"


def call(path: str = "/v1/echo", origin: str = ALLOWED, method: str = "GET", **headers: str) -> Any:
    client = Client(raise_request_exception=False)
    return client.generic(method, path, headers={"origin": origin, **headers})


def preflight(origin: str, path: str = "/v1/echo") -> Any:
    return call(path, origin, "OPTIONS", **{"access-control-request-method": "POST"})


@pytest.mark.parametrize("origin", [ALLOWED, "https://beta.gigvora.com", "capacitor://localhost"])
def test_cors__listed_origin__may_read(origin: str) -> None:
    answer = call(origin=origin)

    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Credentials" not in answer.headers
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Link", "RateLimit", "Retry-After", "X-Trace-Id", "X-Gigvora-Decision-Id"} <= set(exposed)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "*",
        "https://evil.example",
        "http://app.gigvora.com",
        "https://app.gigvora.com.evil.example",
        "https://evilapp.gigvora.com",
        "https://x.app.gigvora.com",
        "https://app.gigvora.com:8443",
        "https://app.gigvora.com/",
        "https://app.gigvora.com/path",
        "https://APP.gigvora.com",
        "https://user@app.gigvora.com",
        "capacitor://localhost.evil",
        "capacitor://localhost:80",
        "capacitor://",
        "https://[",
    ],
)
def test_cors__any_other_origin__gets_nothing(origin: str) -> None:
    for answer in (call(origin=origin), preflight(origin), preflight(origin, "/v1/finance/payouts")):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]


def test_cors__preflight__answered_without_the_view() -> None:
    answer = preflight(ALLOWED, "/v1/guarded")

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Max-Age"] == "600"
    allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "idempotency-key", "if-match", "x-device-fingerprint", "dpop", "traceparent"} <= set(
        allowed
    )


@pytest.mark.usefixtures("buckets")
def test_cors__preflight__never_counted(settings: Settings) -> None:
    answers = [preflight(ALLOWED) for _ in range(3)]

    assert all("RateLimit" not in answer.headers for answer in answers)
    assert call().headers["RateLimit"] == '"network";r=1199;t=1'


@pytest.mark.parametrize(
    ("path", "credentials"),
    [
        ("/mobile/v2/wallet/insights", True),
        ("/v1/finance/payouts", True),
        ("/v1/finance/transfers/1", True),
        ("/v1/finance/payoutsx", False),
        ("/v1/echo", False),
    ],
)
def test_cors__credentials__under_wallet_routes_alone(path: str, credentials: bool) -> None:
    for answer in (call(path), preflight(ALLOWED, path)):
        assert answer.headers.get("Access-Control-Allow-Credentials") == ("true" if credentials else None)


@pytest.mark.parametrize(
    "path",
    ["/v1/echo", "/v1/nothing", "/v1/fail/bug", "/v1/fail/lost", "/v1/plain/bad", "/people/bug", "/v1/guarded"],
)
def test_cors__any_answer__varies_by_origin(path: str) -> None:
    answer = Client(raise_request_exception=False).get(path)

    assert "Origin" in answer.headers["Vary"].split(", ")


def test_cors__error__readable_by_a_listed_origin() -> None:
    assert call("/v1/fail/bug").headers["Access-Control-Allow-Origin"] == ALLOWED
    assert call("/v1/nothing").headers["Access-Control-Allow-Origin"] == ALLOWED
