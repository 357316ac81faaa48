"""The second factor at the door: asking for it when a proof alone is not enough."""

from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag

from accounts.errors import ChallengeInvalid
from accounts.models import Challenge, User
from accounts.services import challenges
from accounts.types import ChallengePurpose, DeviceClaim, Method, Platform
from core.http.access import Audience
from core.sealing import seal, unseal

TRIES = 5
_PURPOSE = b"claimed fingerprint"


def ask(user: User, claim: DeviceClaim, methods: tuple[Method, ...], audience: Audience | None) -> dict[str, Any]:
    """Set the challenge whose answer continues this sign-in: what a client is told of it.

    The device and the proofs given so far stay here, so that the answer can neither swap nor add any.
    """
    issued = challenges.issue(
        purpose=ChallengePurpose.SECOND_FACTOR,
        user_id=user.id,
        data={
            "claim": _kept(claim),
            "methods": list(methods),
            "audience": audience,
            "security_version": user.security_version,
        },
        tries=TRIES,
    )
    return {"id": issued.token, "methods": [Method.TOTP, Method.RECOVERY_CODE], "expires_at": issued.expires_at}


def claim_of(asked: Challenge) -> DeviceClaim:
    """The device that a sign-in was begun on, as its client described it then.

    Raises:
        ChallengeInvalid: it was begun before the pepper changed, or by a release that kept claims otherwise.
    """
    kept: dict[str, Any] = asked.data["claim"]
    return DeviceClaim(
        **{
            **kept,
            "platform": Platform(kept["platform"]),
            "id": UUID(kept["id"]) if "id" in kept else None,
            "fingerprint": _opened(kept["fingerprint"]) if "fingerprint" in kept else "",
        }
    )


def _kept(claim: DeviceClaim) -> dict[str, str]:
    """A claim as a row may keep it. The fingerprint is sealed: who knows it passes for the device."""
    kept = {name: str(value) for name, value in asdict(claim).items() if value}
    if claim.fingerprint:
        kept["fingerprint"] = b64encode(seal(claim.fingerprint.encode(), purpose=_PURPOSE)).decode()
    return kept


def _opened(fingerprint: str) -> str:
    try:
        return unseal(b64decode(fingerprint), purpose=_PURPOSE).decode()
    except (ValueError, InvalidTag) as error:
        raise ChallengeInvalid from error
