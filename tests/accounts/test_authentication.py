"""What a bearer token must be, and what it costs to check one."""

from typing import Any

import jwt
import pytest
from django.conf import settings
from django.core.cache import cache
from pytest_django import Settings
from rest_framework.test import APIClient

from access.services import grant_role, revoke_role
from accounts import liveness
from accounts.keyring import signing_key
from accounts.models import DeviceSession, User
from accounts.services import profile
from accounts.tokens import AccessToken
from core.http.access import Audience
from core.lean_redis import LeanRedis
from core.testing.queries import counted_queries
from tests.accounts.actors import SignedInClient, SignIn

pytestmark = pytest.mark.django_db(transaction=True)

Claims = dict[str, Any]
KEY = signing_key()


def call(authorization: str | None, **headers: str) -> Any:
    sent = headers if authorization is None else {**headers, "Authorization": authorization}
    return APIClient().get("/v1/auth/me", headers=sent)


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer, Audience.ANDROID)


@pytest.fixture
def claims(client: SignedInClient) -> Claims:
    """The claims of a token that is good."""
    return dict(AccessToken(client.signed_in.tokens.access_token).payload)  # type: ignore[arg-type]


def test_access_token__decoded__carries_no_roles_and_nothing_personal(client: SignedInClient, claims: Claims) -> None:
    token = client.signed_in.tokens.access_token

    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}
    assert set(claims) == {
        "token_type", "iss", "aud", "sub", "sid", "did", "jti", "iat", "nbf", "exp", "auth_time", "amr", "scope", "sv",
        "rc", "ver",
    }  # fmt: skip
    assert (claims["aud"], claims["exp"] - claims["iat"]) == ("gigvora-mobile-android", 600)
    assert len(token) < 1024


def test_row_10__request__after_logout__is_refused_also_without_a_cache(client: SignedInClient) -> None:
    assert client.get("/v1/auth/me").status_code == 200
    client.post("/v1/auth/logout", {}, format="json")

    assert client.get("/v1/auth/me").status_code == 401
    cache.clear()
    assert client.get("/v1/auth/me").status_code == 401


def test_request__of_an_ended_session__costs_its_user_nothing(
    client: SignedInClient, freelancer: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.RATE_LIMIT_SCALE = 1
    other = sign_in(freelancer, Audience.ANDROID)
    client.get("/v1/auth/me")
    client.post("/v1/auth/logout", {}, format="json")
    before = other.get("/v1/auth/me").headers["RateLimit"]

    assert [client.get("/v1/auth/me").status_code for _ in range(20)] == [401] * 20
    left, left_before = (
        int(header.partition("r=")[2].partition(";")[0])
        for header in (other.get("/v1/auth/me").headers["RateLimit"], before)
    )
    assert left >= left_before - 1


@pytest.mark.redis
@pytest.mark.skipif(not settings.REDIS_URL, reason="REDIS_URL names no Redis")
def test_request__session_known__one_look_into_redis_for_session_rights_and_limits(
    client: SignedInClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMIT_SCALE = 1
    client.get("/v1/auth/me")
    commands: list[str] = []
    execute: Any = LeanRedis.execute_command

    def listed(client: LeanRedis, *args: Any, **options: Any) -> Any:
        commands.append(args[0])
        return execute(client, *args, **options)

    monkeypatch.setattr(LeanRedis, "execute_command", listed)

    assert client.get("/v1/auth/me").headers["RateLimit"].startswith('"device";')
    assert commands == ["EVALSHA"]


def test_row_10__request__row_read_just_before_logout__cannot_revive_the_session(client: SignedInClient) -> None:
    # And a slow reader puts its copy back after the session has ended
    client.get("/v1/auth/me")
    session_id, user_id = client.signed_in.session.id, client.signed_in.session.user_id
    copy = liveness.read_marks(session_id, user_id).live
    assert copy is not None
    client.post("/v1/auth/logout", {}, format="json")

    liveness.remember(session_id, copy)

    assert client.get("/v1/auth/me").status_code == 401


def test_row_10__request__account_suspended__is_refused_at_once(
    client: SignedInClient, freelancer: User, staff: User
) -> None:
    assert client.get("/v1/auth/me").status_code == 200
    profile.suspend(actor=staff.id, user_id=freelancer.id, reason="fraud")

    assert client.get("/v1/auth/me").status_code == 401


def test_row_10__request__role_lost__has_fewer_rights_at_once(client: SignedInClient, freelancer: User) -> None:
    assert client.get("/v1/auth/me").json()["roles"] == ["freelancer"]
    revoke_role(actor=None, user_id=freelancer.id, role="freelancer", reason="test")

    body = client.get("/v1/auth/me").json()
    assert (body["roles"], body["scopes"]) == ([], [])


def test_request__role_gained__does_not_widen_a_token_already_issued(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    before = client.get("/v1/auth/me").json()["scopes"]
    grant_role(actor=None, user_id=freelancer.id, role="support_lead", reason="test")

    body = client.get("/v1/auth/me").json()
    assert body["roles"] == ["freelancer", "support_lead"]
    assert body["scopes"] == before


def test_request__warm__asks_the_database_nothing_and_the_cache_once(
    client: SignedInClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/v1/auth/me")
    asked: list[Any] = []
    get_many = cache.get_many

    def counting(keys: Any, *rest: Any) -> Any:
        asked.append(keys)
        return get_many(keys, *rest)

    monkeypatch.setattr(cache, "get_many", counting, raising=False)

    with counted_queries() as counted:
        assert client.principal.user_id == client.signed_in.session.user_id

    assert len(counted) == 0, counted
    assert len(asked) == 1


def test_request__cold__asks_a_constant_number_of_queries(client: SignedInClient) -> None:
    with counted_queries() as first:
        assert client.principal
    cache.clear()
    with counted_queries() as later:
        assert client.principal

    assert len(later) == 3, later  # session, workspace, grants
    assert len(first) == 4, first  # and a note that the client has what it was given


def test_request__first_use_of_a_successor__confirms_it_once(client: SignedInClient) -> None:
    token = client.signed_in.tokens.refresh_token
    answer = APIClient().post("/v1/auth/refresh", {"refresh_token": token}, format="json").json()
    assert DeviceSession.objects.get().confirmed is False

    call(f"Bearer {answer['access_token']}")

    assert DeviceSession.objects.get().confirmed is True
    with counted_queries() as counted:
        call(f"Bearer {answer['access_token']}")
    assert not [sql for sql in counted.statements if sql.startswith("UPDATE")], counted


def test_jwks__published__verifies_our_tokens(client: SignedInClient) -> None:
    published = APIClient().get("/.well-known/jwks.json").json()
    key = jwt.PyJWKSet.from_dict(published)[KEY.kid]

    claims = jwt.decode(
        client.signed_in.tokens.access_token, key, ["ES256"], audience="gigvora-mobile-android",
        issuer=settings.PUBLIC_BASE_URL,
    )  # fmt: skip

    assert claims["sub"] == str(client.signed_in.session.user_id)
    assert set(published["keys"][0]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
