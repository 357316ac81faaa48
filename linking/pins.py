"""The keys that apps may pin: SPKI digests of the certificate in use and of its successors, signed.

A client that trusts the signing key (it ships inside the app) learns of a new certificate before it is served.
The pins are those of RFC 7469: base64 of SHA-256 over the SubjectPublicKeyInfo.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings
from django.utils import timezone
from jwt.algorithms import ECAlgorithm

ALGORITHM = "ES256"
TOKEN_TYPE = "pins+jwt"  # noqa: S105  no other token of ours has this type
GOOD_FOR = timedelta(days=30)
MIN_PINS = 2  # RFC 7469 §2.5: the current key, and a backup that is not served yet


@dataclass(frozen=True, slots=True)
class PinSet:
    """What may be pinned until `expires_at`; `signed` says the same, with our signature."""

    host: str
    pins: list[str]
    issued_at: datetime
    expires_at: datetime
    signed: str


def current_pins() -> PinSet:
    """The pin set of today: the same until midnight, so that caches keep it."""
    return _signed(
        settings.PIN_SIGNING_KEY, tuple(settings.CERTIFICATE_PINS), host(), settings.PUBLIC_BASE_URL, _today()
    )


def host() -> str:
    return urlsplit(settings.PUBLIC_BASE_URL).hostname or ""


def pin_of(certificate: x509.Certificate) -> str:
    """`sha256/…` of a certificate's public key."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "sha256/" + base64.b64encode(hashlib.sha256(spki).digest()).decode()


def is_pin(text: str) -> bool:
    prefix, _, digest = text.partition("/")
    try:
        return prefix == "sha256" and len(base64.b64decode(digest, validate=True)) == hashlib.sha256().digest_size
    except ValueError:
        return False


def public_jwk() -> dict[str, Any]:
    """The key that apps ship, to verify pin sets with."""
    jwk = ECAlgorithm.to_jwk(_key(settings.PIN_SIGNING_KEY).public_key(), as_dict=True)
    return {**jwk, "use": "sig", "alg": ALGORITHM}


def _today() -> datetime:
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


@lru_cache(maxsize=4)
def _signed(key: str, pins: tuple[str, ...], host: str, issuer: str, issued_at: datetime) -> PinSet:
    """ECDSA signs differently each time, so that each process keeps what it has signed."""
    expires_at = issued_at + GOOD_FOR
    claims = {"iss": issuer, "sub": host, "iat": issued_at, "exp": expires_at, "pins": list(pins)}
    signed = jwt.encode(claims, _key(key), ALGORITHM, headers={"typ": TOKEN_TYPE})
    return PinSet(host, list(pins), issued_at, expires_at, signed)


@lru_cache(maxsize=4)
def _key(pem: str) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return key
