"""The second factor at the door: asking for it when a proof alone is not enough."""

from dataclasses import asdict
from typing import Any

from accounts.models import User
from accounts.services import challenges
from accounts.types import ChallengePurpose, DeviceClaim, Method
from core.http.access import Audience

TRIES = 5


def ask(user: User, claim: DeviceClaim, methods: tuple[Method, ...], audience: Audience | None) -> dict[str, Any]:
    """Set the challenge whose answer continues this sign-in: what a client is told of it.

    The device and the proofs given so far stay here, so that the answer can neither swap nor add any.
    """
    issued = challenges.issue(
        purpose=ChallengePurpose.SECOND_FACTOR,
        user_id=user.id,
        data={
            "claim": {name: str(value) for name, value in asdict(claim).items() if value},
            "methods": list(methods),
            "audience": audience,
            "security_version": user.security_version,
        },
        tries=TRIES,
    )
    return {"id": issued.token, "methods": [Method.TOTP, Method.RECOVERY_CODE], "expires_at": issued.expires_at}
