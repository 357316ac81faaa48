"""Setting up an authenticator app: proposing a seed, and confirming that the app has it by a first code.

Above `recovery.py`, which takes a second factor away: whoever sets one up has not lost it.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from access.types import Principal
from accounts import totp
from accounts.errors import CodeInvalid
from accounts.models import TotpFactor
from accounts.selectors import get_user
from accounts.services import challenges, recovery, recovery_codes
from accounts.services.callers import lock_caller
from accounts.services.factors import Changed, opened, sealed, settle
from accounts.types import ChallengePurpose
from core.db.changes import save_changes

ENROLMENT = timedelta(minutes=15)
TRIES = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`id` is for confirming it. `secret` is base32, for apps that cannot read the QR code of `uri`."""

    id: str
    secret: str
    uri: str
    expires_at: datetime


def enrol(*, actor: Principal) -> Enrolment:
    """Propose a seed to an authenticator app. Nothing has changed until a first code confirms it."""
    user, seed = get_user(actor.user_id), totp.new_seed()
    issued = challenges.issue(
        purpose=ChallengePurpose.TOTP_ENROLMENT,
        user_id=user.id,
        data={"seed": b64encode(sealed(seed)).decode()},
        tries=TRIES,
        lifetime=ENROLMENT,
    )
    return Enrolment(issued.token, seed, totp.address_of(seed, account=user.email), issued.expires_at)


def confirm(*, actor: Principal, enrolment: str, code: str) -> Changed:
    """From now on ask for codes of this app, instead of those of a former one. A recovery that waits is over.

    Raises:
        ChallengeInvalid: the enrolment is over, or somebody else's.
        CodeInvalid: the app shows another code.
        SessionEnded: the caller was signed out meanwhile.
    """
    challenge = challenges.attempt(purpose=ChallengePurpose.TOTP_ENROLMENT, token=enrolment, user_id=actor.user_id)
    proposed = b64decode(challenge.data["seed"])
    step = totp.find_step(opened(proposed), code)
    if step is None:
        raise CodeInvalid
    with transaction.atomic():
        user = lock_caller(actor)
        challenges.spend(challenge)
        TotpFactor.objects.update_or_create(user=user, defaults={"seed": proposed, "last_step": step})
        save_changes(user, second_factor_at=timezone.now())
        codes = recovery_codes.replace(user)
        recovery.drop(user, reason="proved")
        return Changed(settle(actor, user, "added"), codes)
