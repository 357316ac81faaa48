"""Keyed digests by which somebody is known again without being named, and the secrets of mailed links."""

import hmac
import secrets
from contextlib import suppress
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from core.sealing import seal, unseal

CONTACT = b"privacy contact"


def person_digest(user_id: UUID) -> str:
    """What a tombstone keeps of an erased person."""
    return _keyed(b"erased person", user_id.bytes)


def address_digest(email: str) -> str:
    """What is kept of an address that wants to be left alone, however its domain was spelt."""
    local, _, domain = email.strip().casefold().rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return _keyed(b"address", f"{local}@{domain}".encode())


def seal_contact(email: str) -> bytes:
    return seal(email.encode(), purpose=CONTACT)


def open_contact(sealed: bytes | memoryview) -> str:
    return unseal(bytes(sealed), purpose=CONTACT).decode()


def new_link_token() -> str:
    return secrets.token_urlsafe(32)


def link_digest(token: str) -> str:
    """256 random bits need neither salt nor key."""
    return sha256(token.encode(errors="replace")).hexdigest()


def _keyed(purpose: bytes, value: bytes) -> str:
    return hmac.digest(settings.TOKEN_PEPPER.encode(), purpose + b"\0" + value, "sha256").hex()
