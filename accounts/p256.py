"""Public keys on the curve P-256, as JSON Web Keys (RFC 7517) and by their thumbprints (RFC 7638)."""

import hashlib
import json
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from jwt.utils import base64url_decode, base64url_encode

_COORDINATE = 32  # bytes


def jwk_of(public: EllipticCurvePublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _written(numbers.x), "y": _written(numbers.y)}


def thumbprint(public: EllipticCurvePublicKey) -> str:
    canonical = json.dumps(jwk_of(public), sort_keys=True, separators=(",", ":"))
    return base64url_encode(hashlib.sha256(canonical.encode()).digest()).decode()


def from_jwk(jwk: Any) -> EllipticCurvePublicKey:
    """The public key that a JSON Web Key holds.

    Raises:
        ValueError: it holds something else, a private key, or a point that is not on the curve.
    """
    if not isinstance(jwk, dict) or "d" in jwk or (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        raise ValueError("Not a public P-256 key.")
    return EllipticCurvePublicNumbers(_read(jwk.get("x")), _read(jwk.get("y")), SECP256R1()).public_key()


def from_der(spki: bytes) -> EllipticCurvePublicKey:
    """The public key in a DER `SubjectPublicKeyInfo`.

    Raises:
        ValueError: it holds something else.
    """
    try:
        public = load_der_public_key(spki)
    except UnsupportedAlgorithm as error:
        raise ValueError("Not a public P-256 key.") from error
    if not isinstance(public, EllipticCurvePublicKey) or not isinstance(public.curve, SECP256R1):
        raise ValueError("Not a public P-256 key.")
    return public


def der_of(public: EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _written(coordinate: int) -> str:
    return base64url_encode(coordinate.to_bytes(_COORDINATE, "big")).decode()


def _read(coordinate: Any) -> int:
    raw = base64url_decode(coordinate) if isinstance(coordinate, str) else b""
    if len(raw) != _COORDINATE:
        raise ValueError("A coordinate of a P-256 key has 32 bytes.")
    return int.from_bytes(raw, "big")
