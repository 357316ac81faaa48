"""Gateway mode: requests must come through a gateway that signs for each of them.

The gateway replaces `X-Gigvora-Roles` and adds `X-Gigvora-Gateway-Assertion`, a JWS of type `gw+jwt` (EdDSA) that
lives for a minute at most and is bound to one access token, method and path. Trust rests on the signature and never
on where a request comes from. An assertion can only narrow: nothing is allowed by it that would be refused without.
Off unless `GATEWAY_PUBLIC_KEYS` names keys.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured

from access.decisions import remember
from access.errors import GatewayRequired
from access.types import Decision
from core.cache import MemoryCache

HEADER = "HTTP_X_GIGVORA_GATEWAY_ASSERTION"
ROLES_HEADER = "HTTP_X_GIGVORA_ROLES"
ALGORITHM, TOKEN_TYPE = "EdDSA", "gw+jwt"
ISSUER, AUDIENCE = "gigvora-gateway", "gigvora-backend"
LONGEST = 60  # seconds from `iat` to `exp`
LEEWAY = 5  # seconds between the gateway's clock and ours
MAX_LENGTH = 4096
_REQUIRED = ["iss", "aud", "iat", "exp", "jti", "sub", "sid", "ath", "htm", "path", "roles"]

# Where used assertions are known while the shared cache is away: by this process alone.
_known_here = MemoryCache("gateway", {"OPTIONS": {"MAX_ENTRIES": 20_000}})


class Fault(Exception):
    """Why an assertion is not accepted, for the record; the caller is not told."""


def check(meta: Mapping[str, Any], path: str, *, access_token: bytes, claims: Mapping[str, Any]) -> None:
    """Whether a gateway has signed for this request of this token, whose `claims` were verified.

    Raises:
        GatewayRequired: with the decision that is on record.
    """
    try:
        assertion = _opened(meta.get(HEADER, ""))
        _check_bearer(assertion, access_token, claims)
        _check_request(assertion, meta, path)
        _spend(str(assertion["jti"]))
    except Fault as fault:
        refused = Decision(
            allowed=False,
            rule="gateway",
            reason="gateway_required",
            method=meta.get("REQUEST_METHOD", ""),
            route=path.lstrip("/")[:200],
            note=str(fault),
        )
        raise GatewayRequired(decision_id=remember(refused).id) from fault


def _opened(encoded: str) -> dict[str, Any]:
    if not encoded:
        raise Fault("no assertion")
    if len(encoded) > MAX_LENGTH:
        raise Fault("the assertion is too long")
    for key in _keys(tuple(settings.GATEWAY_PUBLIC_KEYS)):
        try:
            return _verified(encoded, key)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError) as error:
            raise Fault(f"the assertion is not valid: {type(error).__name__}") from error
    raise Fault("signed by nobody we know")


def _verified(encoded: str, key: Ed25519PublicKey) -> dict[str, Any]:
    header = jwt.get_unverified_header(encoded)
    if header.get("typ") != TOKEN_TYPE or "crit" in header:
        raise Fault("not an assertion of a gateway")
    claims: dict[str, Any] = jwt.decode(
        encoded,
        key,
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=AUDIENCE,
        leeway=LEEWAY,
        options={"require": _REQUIRED, "strict_aud": True},
    )
    if type(claims["iat"]) is not int or type(claims["exp"]) is not int or claims["exp"] - claims["iat"] > LONGEST:
        raise Fault("it lives for too long")
    return claims


def _check_bearer(assertion: dict[str, Any], access_token: bytes, claims: Mapping[str, Any]) -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(access_token).digest()).rstrip(b"=").decode()
    for name, value in (("ath", digest), ("sub", claims["sub"]), ("sid", claims["sid"])):
        if not hmac.compare_digest(str(assertion[name]).encode(), value.encode()):
            raise Fault(f"signed for another {name}")
    if assertion.get("dfp_ok") is False:
        raise Fault("the gateway found another device")


def _check_request(assertion: dict[str, Any], meta: Mapping[str, Any], path: str) -> None:
    header = meta.get(ROLES_HEADER)
    roles = header.split(",") if header else []
    for name, value in (("htm", meta.get("REQUEST_METHOD")), ("path", path), ("roles", roles)):
        if assertion[name] != value:
            raise Fault(f"signed for another {name}")


def _spend(jti: str) -> None:
    """Let each assertion through once, for as long as it could come again."""
    key = f"gateway:{hashlib.sha256(jti.encode()).hexdigest()}"
    seconds = LONGEST + 2 * LEEWAY
    if not _known_here.add(key, 1, seconds) or (not cache.add(key, 1, seconds) and cache.get(key) is not None):
        raise Fault("used before")


@lru_cache(maxsize=4)
def _keys(pems: tuple[str, ...]) -> tuple[Ed25519PublicKey, ...]:
    keys = tuple(load_pem_public_key(pem.encode()) for pem in pems)
    if not all(isinstance(key, Ed25519PublicKey) for key in keys):
        raise ImproperlyConfigured("GATEWAY_PUBLIC_KEYS must hold Ed25519 public keys.")
    return keys  # type: ignore[return-value]
