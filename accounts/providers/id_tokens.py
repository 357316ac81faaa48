"""Checking a provider's ID token (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725).

Algorithms, issuers, addresses of keys and audiences come from us; of the token's header only the key id is used.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt

from accounts.errors import ProofRefused
from accounts.providers.keys import store

MAX_LENGTH = 8192
LEEWAY = 30  # seconds between a provider's clock and ours
_ALGORITHMS = frozenset({"RS256", "ES256"})
_BROKEN = (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, RecursionError)


def claims_of(token: str, *, issuers: Mapping[str, str], client_ids: Collection[str], peer: str) -> dict[str, Any]:
    """The claims of a token that one of `issuers` signed for one of `client_ids`.

    Raises:
        ProofRefused: anything about it is not right.
        Unreachable: the issuer's keys are not to be had now.
    """
    try:
        return _verified(token, issuers, client_ids, peer)
    except jwt.ExpiredSignatureError as error:
        raise ProofRefused(reason="expired") from error
    except jwt.InvalidAudienceError as error:
        raise ProofRefused(reason="audience") from error
    except _BROKEN as error:
        raise ProofRefused(reason="token") from error


def _verified(token: str, issuers: Mapping[str, str], client_ids: Collection[str], peer: str) -> dict[str, Any]:
    if len(token) > MAX_LENGTH or not client_ids:
        raise ProofRefused(reason="audience" if token else "token")
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in _ALGORITHMS or "crit" in header:
        raise ProofRefused(reason="algorithm")
    issuer = text_of(jwt.decode(token, options={"verify_signature": False}), "iss")
    if issuer not in issuers:
        raise ProofRefused(reason="issuer")
    key = store.key(issuers[issuer], str(header["kid"]), peer=peer)
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[key.algorithm_name],
        audience=list(client_ids),
        issuer=issuer,
        leeway=LEEWAY,
        options={"require": ["iss", "aud", "exp", "iat"]},
    )
    if not isinstance(claims["aud"], str):
        raise ProofRefused(reason="audience")  # a token for several clients at once is none for us
    return claims


def subject_of(claims: Mapping[str, Any]) -> str:
    """Raises: ProofRefused, where the token names nobody."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ProofRefused(reason="subject")
    return subject


def issued_at(claims: Mapping[str, Any]) -> datetime:
    """When the provider made a token, to the second."""
    return datetime.fromtimestamp(int(claims["iat"]), UTC)


def text_of(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def is_true(value: Any) -> bool:
    """Apple writes booleans as text in some tokens."""
    return value is True or value == "true"


def answers(claimed: str, nonce: str) -> bool:
    """Whether a token was asked for with our nonce, plain or, as Apple's guides have it, as its SHA-256 in hex."""
    hashed = hashlib.sha256(nonce.encode()).hexdigest()
    return any(hmac.compare_digest(claimed.encode(), form.encode()) for form in (nonce, hashed))
