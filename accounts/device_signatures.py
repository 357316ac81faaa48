"""What a device signs behind its biometrics, byte for byte, and whether it did.

The message is text, except for the digest at its end, so that an app joins what it has received and signs:

    "gigvora-dk-v1" id nonce device_id purpose SHA-256(transaction)

`transaction` is the JSON object in its canonical form (RFC 8785), empty where there is none; the signature is ECDSA on
P-256 with SHA-256, in DER, as the Secure Enclave and the Android Keystore give it.
"""

import hashlib
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from jwt.utils import base64url_decode

from accounts.p256 import from_der
from core.errors import Invalid

CONTEXT = b"gigvora-dk-v1"
MAX_TRANSACTION = 4096  # bytes, in canonical form


def digest_of(transaction: dict[str, Any] | None) -> bytes:
    """SHA-256 of a transaction in its canonical form.

    Raises:
        Invalid: too long, or it holds a number that JSON cannot carry safely.
    """
    try:
        canonical = b"" if transaction is None else rfc8785.dumps(transaction)
    except rfc8785.CanonicalizationError:
        raise Invalid.field("transaction", "Write numbers beyond 2^53 as strings.") from None
    if len(canonical) > MAX_TRANSACTION:
        raise Invalid.field("transaction", f"Keep it within {MAX_TRANSACTION} bytes.", code="max_length")
    return hashlib.sha256(canonical).digest()


def message(*, token: str, nonce: str, device_id: UUID | str, purpose: str, digest: bytes) -> bytes:
    return CONTEXT + f"{token}{nonce}{device_id}{purpose}".encode() + digest


def is_signed(message: bytes, *, signature: str, public_key: bytes) -> bool:
    """Whether `signature`, in base64url, is of this message by this key."""
    try:
        from_der(public_key).verify(base64url_decode(signature), message, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
