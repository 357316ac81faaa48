"""Sealing answers that are kept: whoever reads the database, or a copy of it, reads none of them."""

import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12  # bytes, as NIST SP 800-38D recommends


class Unreadable(Exception):
    """Sealed for something else, or under another `TOKEN_PEPPER`."""


def seal(content: bytes, *, purpose: bytes) -> bytes:
    """Encrypt under a key that is not in the database; only the same `purpose` opens it."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(settings.TOKEN_PEPPER).encrypt(nonce, content, purpose)


def unseal(sealed: bytes, *, purpose: bytes) -> bytes:
    """What was sealed.

    Raises:
        Unreadable: it was sealed for another purpose or under another pepper.
    """
    try:
        return _cipher(settings.TOKEN_PEPPER).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose)
    except InvalidTag:
        raise Unreadable from None


@lru_cache(maxsize=2)
def _cipher(pepper: str) -> AESGCM:
    return AESGCM(hmac.digest(pepper.encode(), b"sealed answers", "sha256"))
