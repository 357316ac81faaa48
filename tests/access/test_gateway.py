"""Gateway mode: nothing protected is reached but through a gateway that signed for this very request."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings
from pytest_django import Settings
from rest_framework.test import APIClient

from access import gateway as mode
from access.models import AuditEntry
from accounts.models import User
from tests.accounts.actors import SignedIn, sign_in
from tests.fakes.gateway import HEADER, Gateway, ThroughGateway

pytestmark = pytest.mark.django_db

ME = "/v1/auth/me"


@pytest.fixture
def gateway(settings: Settings) -> Gateway:
    known = Gateway()
    settings.GATEWAY_PUBLIC_KEYS = [Gateway().public_pem, known.public_pem]  # one that rolled over, and this one
    return known


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    mode._known_here.clear()
    cache.clear()
    yield
    mode._known_here.clear()


@pytest.fixture
def signed_in(freelancer: User) -> SignedIn:
    return sign_in(freelancer)


@pytest.fixture
def through(gateway: Gateway, signed_in: SignedIn) -> ThroughGateway:
    return ThroughGateway(gateway, signed_in.tokens.access_token)


def assert_refused(response: Any, note: str) -> None:
    problem = response.json()
    entry = AuditEntry.objects.get(action="gateway.refused")
    assert (response.status_code, problem["code"]) == (401, "gateway_required")
    assert response["X-Gigvora-Decision-Id"] == problem["decision_id"] == entry.decision_id
    assert note in entry.details["note"]
    assert note not in response.content.decode()


def test_through__signed_for__is_served(through: ThroughGateway, freelancer: User) -> None:
    response = through.get(ME)

    assert response.status_code == 200
    assert response.json()["id"] == str(freelancer.id)


def test_through__roles__narrow_as_ever(through: ThroughGateway) -> None:
    through.roles = "freelancer"

    assert through.get(ME).json()["roles"] == ["freelancer"]


def test_through__role_not_held__is_403_signed_for_or_not(through: ThroughGateway) -> None:
    through.roles = "admin"

    assert through.get(ME).json()["code"] == "role_not_held"


def test_past__no_assertion__is_refused(gateway: Gateway, signed_in: SignedIn) -> None:
    client = APIClient()
    client.credentials(**signed_in.headers)

    assert_refused(client.get(ME), "no assertion")


def test_off__assertion_or_none__makes_no_difference(signed_in: SignedIn, settings: Settings) -> None:
    settings.GATEWAY_PUBLIC_KEYS = []
    client = APIClient()
    client.credentials(**signed_in.headers)

    assert (
        client.get(ME).status_code == client.get(ME, headers={"X-Gigvora-Gateway-Assertion": "junk"}).status_code == 200
    )


def test_public__no_assertion__is_served(gateway: Gateway) -> None:
    assert APIClient().get("/v1/security/pins").status_code == 200
    assert APIClient().get(ME).json()["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"ath": "A" * 43}, "another ath"),
        ({"sub": "0193f6c2-0000-7000-8000-000000000001"}, "another sub"),
        ({"sid": "0193f6c2-0000-7000-8000-000000000001"}, "another sid"),
        ({"htm": "POST"}, "another htm"),
        ({"path": "/v1/sessions"}, "another path"),
        ({"roles": ["admin"]}, "another roles"),
        ({"roles": "freelancer"}, "another roles"),
        ({"dfp_ok": False}, "another device"),
        ({"iss": "somebody"}, "InvalidIssuerError"),
        ({"aud": "elsewhere"}, "InvalidAudienceError"),
        ({"aud": ["gigvora-backend"]}, "InvalidAudienceError"),
        ({"iat": 1_700_000_000, "exp": 1_700_000_030}, "ExpiredSignatureError"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_030}, "ImmatureSignatureError"),
        ({"exp": 4_000_000_000}, "lives for too long"),
        ({"exp": None}, "MissingRequiredClaimError"),
        ({"jti": None}, "MissingRequiredClaimError"),
        ({"typ": "at+jwt"}, "not an assertion"),
        ({"client_ip": "x" * 5000}, "too long"),
    ],
)
def test_through__signed_for_something_else__is_refused(
    through: ThroughGateway, changed: dict[str, Any], note: str
) -> None:
    through.changed = changed

    assert_refused(through.get(ME), note)


def test_through__signed_by_another_key__is_refused(through: ThroughGateway) -> None:
    through.gateway = Gateway()

    assert_refused(through.get(ME), "signed by nobody we know")


@pytest.mark.parametrize("junk", ["junk", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "\u20ac"])
def test_through__junk__is_refused(gateway: Gateway, signed_in: SignedIn, junk: str) -> None:
    client = APIClient()
    client.credentials(**signed_in.headers)

    assert client.get(ME, headers={"X-Gigvora-Gateway-Assertion": junk}).json()["code"] == "gateway_required"


def test_through__the_same_assertion_again__is_refused(gateway: Gateway, signed_in: SignedIn) -> None:
    client = APIClient()
    client.credentials(**signed_in.headers)
    assertion: dict[str, Any] = {HEADER: gateway.assertion(signed_in.tokens.access_token, "GET", ME)}

    assert client.get(ME, **assertion).status_code == 200
    mode._known_here.clear()  # as if it came to another process
    assert_refused(client.get(ME, **assertion), "used before")


def test_through__cache_is_lost__serves_and_still_knows_used_ones(gateway: Gateway, signed_in: SignedIn) -> None:
    client = APIClient()
    client.credentials(**signed_in.headers)
    lost = {"BACKEND": "core.cache.ResilientRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    assertion: dict[str, Any] = {HEADER: gateway.assertion(signed_in.tokens.access_token, "GET", ME)}

    with override_settings(CACHES={"default": lost}):
        assert client.get(ME, **assertion).status_code == 200
        assert client.get(ME, **assertion).json()["code"] == "gateway_required"
