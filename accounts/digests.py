"""Keyed digests: what is compared or derived without being stored. The pepper is not in the database."""

import hashlib
import hmac
import secrets

from django.conf import settings


def peppered(purpose: str, value: bytes | str) -> bytes:
    """32 bytes that depend on the pepper, on what they are for, and on `value`."""
    raw = value.encode() if isinstance(value, str) else value
    return hmac.digest(settings.TOKEN_PEPPER.encode(), purpose.encode() + b"\0" + raw, "sha256")


def fingerprint_digest(fingerprint: str) -> str:
    """What a device row keeps of a fingerprint; empty where the client sends none."""
    return peppered("fingerprint", fingerprint).hex() if fingerprint else ""


def same_fingerprint(stored: str, presented: str) -> bool:
    """Whether a request may come from the device. A device without a fingerprint asks for none."""
    return not stored or hmac.compare_digest(stored, fingerprint_digest(presented))


def proof_digest(value: str) -> str:
    """Of something too short to be hashed plainly, such as a code of six digits."""
    return peppered("proof", value).hex()


def new_link_token() -> str:
    return secrets.token_urlsafe(32)


def link_digest(token: str) -> str:
    """256 random bits need neither salt nor pepper (RFC 6819, section 5.1.4.2.2)."""
    return hashlib.sha256(token.encode()).hexdigest()
