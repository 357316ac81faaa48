"""Secrets and signatures as Standard Webhooks 1.0 has them. https://www.standardwebhooks.com"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable
from uuid import UUID

from core.errors import Invalid
from core.sealing import seal, unseal

PREFIX = "whsec_"
_LENGTH = 32  # bytes; the specification allows 24 to 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_LENGTH)).decode()


def sealed(secret: str, *, endpoint_id: UUID) -> bytes:
    """A secret as it is stored; nothing but the same endpoint opens it."""
    return seal(secret.encode(), purpose=_purpose(endpoint_id))


def opened(sealed_secret: bytes, *, endpoint_id: UUID) -> str:
    return unseal(sealed_secret, purpose=_purpose(endpoint_id)).decode()


def sign(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature, `v1,…`, over `id.timestamp.body`. `timestamp` in seconds.

    Raises:
        Invalid: that is no secret.
    """
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(_key(secret), content, "sha256")).decode()


def headers(keys: Iterable[str], *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one request, signed with every key that its receiver may know."""
    signatures = [sign(key, message_id=message_id, timestamp=timestamp, body=body) for key in keys]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid.field("secret", f"A secret is {PREFIX} and base64.", "invalid_secret") from error
    if not key:
        raise Invalid.field("secret", "A secret is not empty.", "invalid_secret")
    return key


def _purpose(endpoint_id: UUID) -> bytes:
    return b"webhook secret " + endpoint_id.bytes
