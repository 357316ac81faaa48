"""The two ceremonies of WebAuthn, as plain functions: what a browser is asked, and whether its answer is true.

Options and answers are the JSON of WebAuthn level 3 (`PublicKeyCredential.parseCreationOptionsFromJSON`, `toJSON`),
which browsers and the platforms' own libraries read and write. Not here: whose passkey it is, and what follows.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from jwt.utils import base64url_decode, base64url_encode

from accounts.errors import PasskeyInvalid
from accounts.models import User

Json = dict[str, Any]

# EdDSA, ES256 and RS256 (which Windows Hello has), in the order of our preference.
ALGORITHMS = (-8, -7, -257)
TIMEOUT = 300_000  # milliseconds; as long as the challenge lives

_TRANSPORT = re.compile(r"[a-z-]{1,20}")
_MOST_TRANSPORTS = 8


@dataclass(frozen=True, slots=True)
class Registered:
    """A new credential, as its authenticator describes it."""

    credential_id: str
    public_key: bytes
    sign_count: int
    aaguid: UUID
    transports: list[str]
    is_backup_eligible: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Asserted:
    """A proof that the credential was there, and its user too."""

    sign_count: int
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A credential that a browser may look for."""

    credential_id: str
    transports: Iterable[str]

    @property
    def json(self) -> Json:
        return {"type": "public-key", "id": self.credential_id, "transports": list(self.transports)}


def creation_options(user: User, *, challenge: str, known: Iterable[Descriptor]) -> Json:
    """`PublicKeyCredentialCreationOptionsJSON`: a discoverable credential that asks for a finger, a face or a PIN."""
    return {
        "rp": {"id": settings.PASSKEY_RP_ID, "name": settings.PASSKEY_RP_NAME},
        "user": {"id": handle_of(user.id), "name": user.email, "displayName": user.full_name or user.email},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
        "timeout": TIMEOUT,
        "excludeCredentials": [descriptor.json for descriptor in known],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def request_options(*, challenge: str, allowed: Iterable[Descriptor]) -> Json:
    """`PublicKeyCredentialRequestOptionsJSON`; without `allowed` the authenticator offers what it has."""
    return {
        "challenge": challenge,
        "timeout": TIMEOUT,
        "rpId": settings.PASSKEY_RP_ID,
        "allowCredentials": [descriptor.json for descriptor in allowed],
        "userVerification": "required",
    }


def handle_of(user_id: UUID) -> str:
    """The user handle: an authenticator keeps it, so it names nobody."""
    return base64url_encode(user_id.bytes).decode()


def challenge_of(credential: Mapping[str, Any]) -> str:
    """The challenge that an answer claims to answer; nothing is verified yet.

    Raises:
        PasskeyInvalid: there is none.
    """
    try:
        challenge = json.loads(base64url_decode(credential["response"]["clientDataJSON"]))["challenge"]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise PasskeyInvalid from error
    if not isinstance(challenge, str) or not challenge.isascii():
        raise PasskeyInvalid
    return challenge


def verify_registration(credential: Json, *, challenge: str) -> Registered:
    """The credential that an authenticator has made for `challenge`, on a page or in an app of ours.

    Raises:
        PasskeyInvalid: anything else, or nobody was there to confirm it.
    """
    from webauthn import verify_registration_response  # noqa: PLC0415  takes 150 ms to load, and few need it

    try:
        found = verify_registration_response(credential=credential, **_expected(challenge))
    except Exception as error:  # a parser of hostile bytes may stumble in any way, and all mean the same
        raise PasskeyInvalid from error
    return Registered(
        credential_id=base64url_encode(found.credential_id).decode(),
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        aaguid=UUID(found.aaguid),
        transports=_transports(credential["response"].get("transports")),
        is_backup_eligible=found.credential_device_type.value == "multi_device",
        is_backed_up=found.credential_backed_up,
    )


def verify_assertion(credential: Json, *, challenge: str, public_key: bytes) -> Asserted:
    """What an authenticator has signed for `challenge`. Its count is compared by whoever holds the row.

    Raises:
        PasskeyInvalid: not with this key, not on a page or in an app of ours, or nobody was there to confirm it.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415  as above

    try:
        found = verify_authentication_response(
            credential=credential,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            **_expected(challenge),
        )
    except Exception as error:  # as above
        raise PasskeyInvalid from error
    return Asserted(sign_count=found.new_sign_count, is_backed_up=found.credential_backed_up)


def _expected(challenge: str) -> Json:
    return {
        "expected_challenge": base64url_decode(challenge),
        "expected_rp_id": settings.PASSKEY_RP_ID,
        "expected_origin": settings.PASSKEY_ORIGINS,
        "require_user_verification": True,
    }


def _transports(given: Any) -> list[str]:
    """Hints for the next time, worth keeping if they look like any."""
    named = given if isinstance(given, list) else []
    return [each for each in named if isinstance(each, str) and _TRANSPORT.fullmatch(each)][:_MOST_TRANSPORTS]
