"""The secrets in subscription addresses: unguessable, shown once, kept as digests."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """What is stored. The token is random, so a plain digest cannot be searched for it."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
