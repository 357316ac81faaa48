"""Proof of possession (RFC 9449): a request signed with the key that its session is bound to.

A proof is good for one request, within a minute by the client's clock. A client whose clock is wrong is given a
nonce instead, which is a time slot under a key of ours: nothing is stored for it, and any server can check it.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from django.conf import settings
from django.core.cache import cache
from jwt.utils import base64url_encode

from accounts.digests import peppered
from accounts.errors import InvalidProof, ProofNonceRequired
from accounts.p256 import from_jwk, thumbprint
from core.cache import MemoryCache

ALGORITHM, PROOF_TYPE = "ES256", "dpop+jwt"
MAX_LENGTH = 2048
MAX_SKEW = 60  # seconds between the clocks of client and server
NONCE_SLOT = 30  # seconds; a nonce is good for its slot and the next
REMEMBERED = 120  # seconds for which a used proof is known: as long as it could pass a second time

_REQUIRED = ["jti", "htm", "htu", "iat"]
_MAX_ID_LENGTH = 256
_PORTS = {"https": 443, "http": 80}
_NOT_A_PROOF = (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError)

# Where used proofs are known while the shared cache is away: by this process alone.
_known_here = MemoryCache("dpop", {"OPTIONS": {"MAX_ENTRIES": 20_000}})


@dataclass(frozen=True, slots=True)
class Proof:
    """`key` is the RFC 7638 thumbprint of the key that signed; `has_nonce`, whether the clock needed one of ours."""

    key: str
    has_nonce: bool


def verify(encoded: str, *, method: str, path: str, access_token: bytes = b"") -> Proof:
    """Check the proof of one request to `path`, which carries `access_token`, if any; a proof passes once.

    Raises:
        InvalidProof: malformed, of another request or token, or used before.
        ProofNonceRequired: neither of this minute nor with a nonce of ours.
    """
    public, claims = _opened(encoded)
    if claims["htm"] != method or not _is_address(claims["htu"], path):
        raise InvalidProof("The proof is of another request.")
    if access_token and claims.get("ath") != _digest(access_token):
        raise InvalidProof("The proof is of another access token.")
    has_nonce = _check_time(claims)
    key = thumbprint(public)
    _spend(f"{key} {claims['jti']}")
    return Proof(key, has_nonce)


def current_nonce() -> str:
    return _nonce(_slot())


def _opened(encoded: str) -> tuple[EllipticCurvePublicKey, dict[str, Any]]:
    """The key and the claims of a well-formed proof, which that key has signed."""
    if len(encoded) > MAX_LENGTH:
        raise InvalidProof("The proof is too long.")
    try:
        header = jwt.get_unverified_header(encoded)
        if header.get("typ") != PROOF_TYPE or header.get("alg") != ALGORITHM or "crit" in header:
            raise InvalidProof
        public = from_jwk(header.get("jwk"))
        claims: dict[str, Any] = jwt.decode(
            encoded,
            public,
            algorithms=[ALGORITHM],
            options={"require": _REQUIRED, "verify_iat": False, "verify_exp": False, "verify_nbf": False},
        )
        _check_shape(claims)
    except _NOT_A_PROOF as error:
        raise InvalidProof from error
    return public, claims


def _check_shape(claims: dict[str, Any]) -> None:
    for name in ("jti", "htm", "htu"):
        if not isinstance(claims[name], str) or not claims[name].isascii():
            raise ValueError(name)
    if not 0 < len(claims["jti"]) <= _MAX_ID_LENGTH or type(claims["iat"]) is not int:
        raise ValueError("jti, iat")


def _check_time(claims: dict[str, Any]) -> bool:
    """Whether the proof is fresh by a nonce (True) or by its own clock (False)."""
    nonce = claims.get("nonce")
    if nonce is None and abs(claims["iat"] - time.time()) <= MAX_SKEW:
        return False
    if not isinstance(nonce, str) or not _is_current(nonce):
        raise ProofNonceRequired(dpop_nonce=current_nonce())
    return True


def _is_current(nonce: str) -> bool:
    """Of this slot or the last; or of the next, which a server whose clock is a little ahead has given."""
    now = _slot()
    return nonce.isascii() and any(hmac.compare_digest(nonce, _nonce(slot)) for slot in (now - 1, now, now + 1))


def _slot() -> int:
    return int(time.time()) // NONCE_SLOT


def _nonce(slot: int) -> str:
    return peppered("dpop nonce", str(slot)).hex()[:32]


def _is_address(htu: str, path: str) -> bool:
    """Whether `htu` is the public address of `path`, whatever the request's `Host` says; queries do not count."""
    try:
        given = urlsplit(htu)
        origin, base = _origin(given), urlsplit(settings.PUBLIC_BASE_URL)
    except ValueError:
        return False
    return origin == _public_origin(settings.PUBLIC_BASE_URL) and unquote(given.path) == base.path + path


@lru_cache(maxsize=4)
def _public_origin(url: str) -> tuple[str, str, int | None]:
    return _origin(urlsplit(url))


def _origin(url: SplitResult) -> tuple[str, str, int | None]:
    if "@" in url.netloc:
        raise ValueError("An address here names nobody.")
    return url.scheme, url.hostname or "", url.port or _PORTS.get(url.scheme)


def _digest(access_token: bytes) -> str:
    return base64url_encode(hashlib.sha256(access_token).digest()).decode()


def _spend(proof: str) -> None:
    """Let a proof pass once. `add` is atomic; that it fails while the key is not there means that no cache is."""
    key = f"dpop:{hashlib.sha256(proof.encode()).hexdigest()}"
    if cache.add(key, 1, REMEMBERED):
        return
    if cache.has_key(key) or not _known_here.add(key, 1, REMEMBERED):
        raise InvalidProof("The proof was used before.")
