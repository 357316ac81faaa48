"""Setting challenges and taking their answers: each can be answered once, by whoever holds its token.

Purposes differ in what an answer is (a code, a signature, a nonce in a foreign token) and judge it themselves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.digests import link_digest, new_link_token
from accounts.errors import ChallengeInvalid
from accounts.models import Challenge
from accounts.types import ChallengePurpose

LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Issued:
    """`token` is 256 random bits in base64url, known to the client alone; `id` is for our own use."""

    id: UUID
    token: str
    expires_at: datetime


def issue(
    *,
    purpose: ChallengePurpose,
    user_id: UUID | None = None,
    device_id: UUID | None = None,
    data: dict[str, Any] | None = None,
    tries: int = 1,
    lifetime: timedelta = LIFETIME,
) -> Issued:
    """Set a challenge, for one user or device where they are known already."""
    token, expires_at = new_link_token(), timezone.now() + lifetime
    challenge = Challenge.objects.create(
        purpose=purpose,
        digest=link_digest(token),
        user_id=user_id,
        device_id=device_id,
        data=data or {},
        tries_left=tries,
        expires_at=expires_at,
    )
    return Issued(challenge.id, token, expires_at)


def attempt(*, purpose: ChallengePurpose, token: str, **bound: Any) -> Challenge:
    """Use up one try, outside of the transaction that its success begins, so that failing cannot give it back.

    `bound` names what must be the challenge's own: `user_id`, `device_id`, or what its `data` holds (`data__flow`).

    Raises:
        ChallengeInvalid: there is none, or none that may still be tried.
    """
    open_now = Challenge.objects.filter(
        purpose=purpose, digest=link_digest(token), expires_at__gt=timezone.now(), tries_left__gt=0, **bound
    )
    if not open_now.update(tries_left=F("tries_left") - 1):
        raise ChallengeInvalid
    challenge = Challenge.objects.filter(purpose=purpose, digest=link_digest(token)).select_related("user").first()
    if challenge is None:
        raise ChallengeInvalid
    return challenge


def spend(challenge: Challenge) -> None:
    """Close an answered challenge, in the transaction of what it allows. Of two answers at once one gets through.

    Raises:
        ChallengeInvalid: somebody else was faster.
    """
    closed, _ = Challenge.objects.filter(id=challenge.id).delete()
    if not closed:
        raise ChallengeInvalid


def take(*, purpose: ChallengePurpose, token: str, **bound: Any) -> Challenge:
    """Use a challenge that may be tried once only, whatever comes of it.

    Raises:
        ChallengeInvalid: as `attempt` says.
    """
    challenge = attempt(purpose=purpose, token=token, **bound)
    spend(challenge)
    return challenge
