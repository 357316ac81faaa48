"""What a bearer token must be, and what it costs to check one."""

import hashlib
import hmac
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.cache import cache
from rest_framework.test import APIClient

from access.models import AuditEntry
from access.services import grant_role, revoke_role
from accounts import liveness
from accounts.keyring import signing_key
from accounts.models import DeviceSession, User
from accounts.services import profile
from accounts.tokens import AccessToken
from core.http.access import Audience
from core.testing.queries import counted_queries
from tests.accounts.actors import SignedInClient, SignIn

pytestmark = pytest.mark.django_db(transaction=True)

Claims = dict[str, Any]
KEY = signing_key()
PUBLIC_PEM = KEY.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
STRANGER = ec.generate_private_key(ec.SECP256R1())


def call(authorization: str | None, **headers: str) -> Any:
    sent = headers if authorization is None else {**headers, "Authorization": authorization}
    return APIClient().get("/v1/auth/me", headers=sent)


def forged(claims: Claims, key: Any = KEY.private, **header: Any) -> str:
    given = {"typ": "at+jwt", "kid": KEY.kid, **header}
    algorithm = given.pop("alg", "ES256")
    return jwt.encode(claims, key, algorithm, headers={name: value for name, value in given.items() if value})


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


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic QTpC", "Token x", "Bearer a b", "Bearer a, Bearer b", "bearer \x00"],
)
def test_request__no_usable_credential__is_unauthenticated(db: None, header: str | None) -> None:
    # case 1
    response = call(header)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert response.json()["code"] in {"unauthenticated", "invalid_token"}


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
def test_request__unsigned_token__is_refused(claims: Claims, alg: str) -> None:
    # case 2
    head, body, _ = forged(claims).split(".")
    header = jwt.utils.base64url_encode(f'{{"alg":"{alg}","typ":"at+jwt","kid":"{KEY.kid}"}}'.encode()).decode()

    for signature in ("", "AAAA"):
        assert call(f"Bearer {header}.{body}.{signature}").status_code == 401
    assert head != header


def test_request__signed_with_our_public_key_as_a_secret__is_refused(claims: Claims) -> None:
    # case 3
    header = jwt.utils.base64url_encode(f'{{"alg":"HS256","typ":"at+jwt","kid":"{KEY.kid}"}}'.encode())
    body = forged(claims).split(".")[1].encode()
    signature = jwt.utils.base64url_encode(hmac.digest(PUBLIC_PEM, header + b"." + body, hashlib.sha256))

    assert call(f"Bearer {(header + b'.' + body + b'.' + signature).decode()}").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": {"kty": "EC"}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"kid": "../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": "unknown"},
        {"kid": None},
    ],
)
def test_request__key_of_the_senders_choice__is_refused(claims: Claims, header: Claims) -> None:
    # case 4, and pytest-socket would fail the test if anything were fetched
    assert call(f"Bearer {forged(claims, STRANGER, **header)}").status_code == 401


def test_request__critical_extension__is_refused(claims: Claims) -> None:
    # case 4
    assert call(f"Bearer {forged(claims, crit=['b64'], b64=True)}").status_code == 401


@pytest.mark.parametrize("kind", ["JWT", "rt+jwt", "gw+jwt", None])
def test_request__token_of_another_kind__is_refused(client: SignedInClient, claims: Claims, kind: str | None) -> None:
    # case 5
    assert call(f"Bearer {forged(claims, typ=kind)}").status_code == 401
    assert call(f"Bearer {client.signed_in.tokens.refresh_token}").status_code == 401


@pytest.mark.parametrize(
    "aud", ["gigvora-mobile-ios", ["gigvora-mobile-android", "gigvora-web"], [], "", None, "other"]
)
def test_request__audience_not_of_the_session__is_refused(claims: Claims, aud: Any) -> None:
    # cases 6 and 7
    assert call(f"Bearer {forged({**claims, 'aud': aud})}").status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": 9999999999.5},
        {"exp": float("inf")},
        {"exp": -1},
        {"exp": True},
        {"nbf": 4_102_444_800},
        {"iat": 4_102_444_800},
        {"iat": None},
        {"iss": "https://elsewhere.example"},
        {"sub": None},
        {"sub": "not-an-id"},
        {"sid": "not-an-id"},
        {"sid": 7},
        {"sv": 99},
        {"token_type": "refresh"},
    ],
    ids=str,
)
def test_request__claims_missing_or_odd__is_refused(claims: Claims, change: Claims) -> None:
    # case 8
    odd = {name: value for name, value in {**claims, **change}.items() if value is not None}

    assert call(f"Bearer {forged(odd)}").status_code == 401


def test_request__good_claims_by_a_strangers_key__is_refused(claims: Claims) -> None:
    # case 8
    assert call(f"Bearer {forged({**claims, 'exp': 9999999999}, STRANGER)}").status_code == 401


@pytest.mark.parametrize(
    "junk",
    ["x" * 1_000_000, "." * 10_000, "ä.ö.ü", "a.b\0.c", "e30.e30.e30", "W1tbW1td.e30.x"],
    ids=["long", "dots", "umlauts", "nul", "empty objects", "nested arrays"],
)
def test_request__huge_or_broken_token__is_refused_quickly(db: None, junk: str) -> None:
    # case 9
    call("Bearer warm-up")
    started = time.perf_counter()

    assert call(f"Bearer {junk}").status_code == 401
    assert time.perf_counter() - started < 0.2


def test_request__after_logout__is_refused_also_without_a_cache(client: SignedInClient) -> None:
    # case 10
    assert client.get("/v1/auth/me").status_code == 200
    client.post("/v1/auth/logout", {}, format="json")

    assert client.get("/v1/auth/me").status_code == 401
    cache.clear()
    assert client.get("/v1/auth/me").status_code == 401


def test_request__row_read_just_before_logout__cannot_revive_the_session(client: SignedInClient) -> None:
    # case 10, and a slow reader puts its copy back after the session has ended
    client.get("/v1/auth/me")
    session_id, user_id = client.signed_in.session.id, client.signed_in.session.user_id
    copy = liveness.read_marks(session_id, user_id).live
    assert copy is not None
    client.post("/v1/auth/logout", {}, format="json")

    liveness.remember(session_id, copy)

    assert client.get("/v1/auth/me").status_code == 401


def test_request__account_suspended__is_refused_at_once(client: SignedInClient, freelancer: User, staff: User) -> None:
    # case 10
    assert client.get("/v1/auth/me").status_code == 200
    profile.suspend(actor=staff.id, user_id=freelancer.id, reason="fraud")

    assert client.get("/v1/auth/me").status_code == 401


def test_request__role_lost__has_fewer_rights_at_once(client: SignedInClient, freelancer: User) -> None:
    # case 10
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


@pytest.mark.parametrize(
    "sent",
    [{}, *({"X-Device-Fingerprint": value} for value in ("other", "phone,phone", "x" * 10_000))],
    ids=["missing", "changed", "two", "huge"],
)
def test_request__fingerprint_does_not_fit__is_a_device_mismatch(
    freelancer: User, sign_in: SignIn, sent: dict[str, str]
) -> None:
    # case 18
    client = sign_in(freelancer, Audience.IOS, fingerprint="phone")
    bearer = f"Bearer {client.signed_in.tokens.access_token}"

    response = call(bearer, **sent)

    assert (response.status_code, response.json()["code"]) == (401, "device_mismatch")
    assert AuditEntry.objects.get(action="fingerprint.mismatch").user_id == freelancer.id
    assert call(bearer, **{"X-Device-Fingerprint": "phone"}).status_code == 200


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
    with counted_queries() as counted:
        assert client.principal

    assert len(counted) == 3, counted  # session, workspace, grants


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
