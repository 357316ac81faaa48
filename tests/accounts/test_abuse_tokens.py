"""Tokens in the wrong hands or the wrong shape, one case at a time, numbered as in the list of abuses.

Rows 1 to 9 and 18 stand here; the others on tokens and keys are beside what they abuse: rotation, races, DPoP,
passkeys, biometric keys.
"""

import hashlib
import hmac
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.keyring import signing_key
from accounts.models import User
from accounts.tokens import AccessToken
from core.http.access import Audience
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


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic QTpC", "Token x", "Bearer a b", "Bearer a, Bearer b", "bearer \x00"],
)
def test_row_1__request__no_usable_credential__is_unauthenticated(db: None, header: str | None) -> None:
    response = call(header)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert response.json()["code"] in {"unauthenticated", "invalid_token"}


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
def test_row_2__request__unsigned_token__is_refused(claims: Claims, alg: str) -> None:
    head, body, _ = forged(claims).split(".")
    header = jwt.utils.base64url_encode(f'{{"alg":"{alg}","typ":"at+jwt","kid":"{KEY.kid}"}}'.encode()).decode()

    for signature in ("", "AAAA"):
        assert call(f"Bearer {header}.{body}.{signature}").status_code == 401
    assert head != header


def test_row_3__request__signed_with_our_public_key_as_a_secret__is_refused(claims: Claims) -> None:
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
def test_row_4__request__key_of_the_senders_choice__is_refused(claims: Claims, header: Claims) -> None:
    # And pytest-socket would fail the test if anything were fetched
    assert call(f"Bearer {forged(claims, STRANGER, **header)}").status_code == 401


def test_row_4__request__critical_extension__is_refused(claims: Claims) -> None:
    assert call(f"Bearer {forged(claims, crit=['b64'], b64=True)}").status_code == 401


@pytest.mark.parametrize("kind", ["JWT", "rt+jwt", "gw+jwt", None])
def test_row_5__request__token_of_another_kind__is_refused(
    client: SignedInClient, claims: Claims, kind: str | None
) -> None:
    assert call(f"Bearer {forged(claims, typ=kind)}").status_code == 401
    assert call(f"Bearer {client.signed_in.tokens.refresh_token}").status_code == 401


@pytest.mark.parametrize(
    "aud", ["gigvora-mobile-ios", ["gigvora-mobile-android", "gigvora-web"], [], "", None, "other"]
)
def test_row_7__request__audience_not_of_the_session__is_refused(claims: Claims, aud: Any) -> None:
    # and row 6
    assert call(f"Bearer {forged({**claims, 'aud': aud})}").status_code == 401


def test_row_6__request__mobile_token_on_a_staff_route__finds_nothing_and_is_on_record(
    staff: User, sign_in: SignIn
) -> None:
    client = sign_in(staff, Audience.ANDROID)

    response = client.post(f"/{settings.STAFF_PATH}api/decisions/explain", {}, format="json")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    denied = AuditEntry.objects.get(decision_id=response.headers["X-Gigvora-Decision-Id"])
    assert (denied.outcome, denied.reason) == ("denied", "audience_not_allowed")


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
def test_row_8__request__claims_missing_or_odd__is_refused(claims: Claims, change: Claims) -> None:
    odd = {name: value for name, value in {**claims, **change}.items() if value is not None}

    assert call(f"Bearer {forged(odd)}").status_code == 401


def test_row_8__request__good_claims_by_a_strangers_key__is_refused(claims: Claims) -> None:
    assert call(f"Bearer {forged({**claims, 'exp': 9999999999}, STRANGER)}").status_code == 401


@pytest.mark.parametrize(
    "junk",
    ["x" * 1_000_000, "." * 10_000, "ä.ö.ü", "a.b\0.c", "e30.e30.e30", "W1tbW1td.e30.x"],
    ids=["long", "dots", "umlauts", "nul", "empty objects", "nested arrays"],
)
def test_row_9__request__huge_or_broken_token__is_refused_quickly(db: None, junk: str) -> None:
    call("Bearer warm-up")
    started = time.perf_counter()

    assert call(f"Bearer {junk}").status_code == 401
    assert time.perf_counter() - started < 0.2


@pytest.mark.parametrize(
    "sent",
    [{}, *({"X-Device-Fingerprint": value} for value in ("other", "phone,phone", "x" * 10_000))],
    ids=["missing", "changed", "two", "huge"],
)
def test_row_18__request__fingerprint_does_not_fit__is_a_device_mismatch(
    freelancer: User, sign_in: SignIn, sent: dict[str, str]
) -> None:
    client = sign_in(freelancer, Audience.IOS, fingerprint="phone")
    bearer = f"Bearer {client.signed_in.tokens.access_token}"

    response = call(bearer, **sent)

    assert (response.status_code, response.json()["code"]) == (401, "device_mismatch")
    assert AuditEntry.objects.get(action="fingerprint.mismatch").user_id == freelancer.id
    assert call(bearer, **{"X-Device-Fingerprint": "phone"}).status_code == 200
