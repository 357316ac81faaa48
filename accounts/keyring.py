"""The keys that sign access tokens: ES256, the newest signs and all of them verify.

A key is known by its RFC 7638 thumbprint. To roll over, put a new key in front of `JWT_SIGNING_KEYS` and drop the
old one when the last token it signed has expired.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.p256 import jwk_of, thumbprint

ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    private: EllipticCurvePrivateKey
    public: EllipticCurvePublicKey

    @property
    def jwk(self) -> dict[str, str]:
        return {**jwk_of(self.public), "kid": self.kid, "use": "sig", "alg": ALGORITHM}


def signing_key() -> SigningKey:
    return next(iter(key_ring().values()))


def key_ring() -> Mapping[str, SigningKey]:
    """Every key that verifies, by its id, newest first."""
    return _load(tuple(settings.JWT_SIGNING_KEYS))


def public_key_set() -> dict[str, list[dict[str, str]]]:
    """The JSON Web Key Set (RFC 7517) that others verify our tokens with."""
    return {"keys": [key.jwk for key in key_ring().values()]}


@lru_cache(maxsize=8)
def _load(pems: tuple[str, ...]) -> Mapping[str, SigningKey]:
    keys = [_read(pem) for pem in pems]
    return MappingProxyType({key.kid: key for key in keys})


def _read(pem: str) -> SigningKey:
    private = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise ImproperlyConfigured("JWT_SIGNING_KEYS must hold P-256 private keys.")
    public = private.public_key()
    return SigningKey(thumbprint(public), private, public)
