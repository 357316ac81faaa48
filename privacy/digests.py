"""Keyed digests by which somebody is known again without being named, and the secrets of mailed links."""

import hmac
from contextlib import suppress
from hashlib import sha256
from uuid import UUID

import idna
from django.conf import settings

from core.sealing import seal, unseal

CONTACT = b"privacy contact"


def person_digest(user_id: UUID) -> str:
    """What a tombstone keeps of an erased person."""
    return _keyed(b"erased person", user_id.bytes)


def address_digest(email: str) -> str:
    """What is kept of an address that wants to be left alone, however its domain was spelt."""
    local, _, domain = email.strip().rpartition("@")
    with suppress(UnicodeError):
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()  # as accounts store it
    return _keyed(b"address", f"{local}@{domain}".casefold().encode())


def seal_contact(email: str) -> bytes:
    return seal(email.encode(), purpose=CONTACT)


def open_contact(sealed: bytes | memoryview) -> str:
    return unseal(bytes(sealed), purpose=CONTACT).decode()


def link_token(erasure_id: UUID, nonce: UUID, email: str) -> str:
    """The secret of a link mailed there, the same each time: a mail that goes out twice has one link, and no row holds
    it.
    """
    return _keyed(b"deletion link", erasure_id.bytes + nonce.bytes + email.encode())


def link_digest(token: str) -> str:
    """256 bits that look random need neither salt nor key."""
    return sha256(token.encode(errors="replace")).hexdigest()


def _keyed(purpose: bytes, value: bytes) -> str:
    return hmac.digest(settings.TOKEN_PEPPER.encode(), purpose + b"\0" + value, "sha256").hex()
