"""Sealing what has to be kept and read again: whoever reads the database, or a copy of it, reads none of it."""

import hmac
import os
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12  # bytes, as NIST SP 800-38D recommends


def seal(content: bytes, *, purpose: bytes) -> bytes:
    """Encrypt under a key that is not in the database; only the same `purpose` opens it."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(settings.TOKEN_PEPPER).encrypt(nonce, content, purpose)


def unseal(sealed: bytes, *, purpose: bytes) -> bytes:
    """What was sealed for this purpose, under the same pepper."""
    return _cipher(settings.TOKEN_PEPPER).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose)


@lru_cache(maxsize=2)
def _cipher(pepper: str) -> AESGCM:
    return AESGCM(hmac.digest(pepper.encode(), b"sealed answers", "sha256"))
