"""Having a second factor: setting up an authenticator app, its recovery codes, and doing without it again.

Whatever changes how somebody proves who they are voids what was proved before: other sessions end, sign-ins in
progress fail (OWASP ASVS 7.4.3). The session that changed it goes on with the access token of the answer.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts import totp
from accounts.errors import CodeInvalid, SecondFactorMissing, SessionEnded
from accounts.events import SecondFactorChanged
from accounts.models import DeviceSession, TotpFactor, User
from accounts.selectors import get_user
from accounts.services import challenges, recovery_codes
from accounts.services.callers import lock_caller
from accounts.services.endings import start_over
from accounts.types import ChallengePurpose, EndReason
from core.db.changes import save_changes
from core.sealing import seal, unseal
from events.services import publish

ENROLMENT = timedelta(minutes=15)
TRIES = 10
_PURPOSE = b"totp seed"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`id` is for confirming it. `secret` is base32, for apps that cannot read the QR code of `uri`."""

    id: str
    secret: str
    uri: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """The session to go on with, and new recovery codes where there are any."""

    session: DeviceSession
    recovery_codes: tuple[str, ...] = ()


def enrol(*, actor: Principal) -> Enrolment:
    """Propose a seed to an authenticator app. Nothing has changed until a first code confirms it."""
    user, seed = get_user(actor.user_id), totp.new_seed()
    issued = challenges.issue(
        purpose=ChallengePurpose.TOTP_ENROLMENT,
        user_id=user.id,
        data={"seed": b64encode(seal(seed.encode(), purpose=_PURPOSE)).decode()},
        tries=TRIES,
        lifetime=ENROLMENT,
    )
    return Enrolment(issued.token, seed, totp.address_of(seed, account=user.email), issued.expires_at)


def confirm(*, actor: Principal, enrolment: str, code: str) -> Changed:
    """From now on ask for codes of this app, instead of those of a former one.

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
        return Changed(_settle(actor, user, "added"), codes)


def remove(*, actor: Principal) -> Changed:
    """Ask for no second factor any more.

    Raises:
        SecondFactorMissing: there is none.
        SessionEnded: the caller was signed out meanwhile.
    """
    with transaction.atomic():
        user = _locked(actor)
        take_away(user)
        return Changed(_settle(actor, user, "removed"))


def renew_recovery_codes(*, actor: Principal) -> tuple[str, ...]:
    """Ten new recovery codes in place of all former ones.

    Raises:
        SecondFactorMissing: there is nothing that they would stand in for.
        SessionEnded: the caller was signed out meanwhile.
    """
    with transaction.atomic():
        user = _locked(actor)
        codes = recovery_codes.replace(user)
        _tell(user, "recovery_codes_renewed")
        return codes


def take_away(user: User) -> None:
    """Forget the app and the codes of a locked user, in the caller's transaction."""
    TotpFactor.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()
    save_changes(user, second_factor_at=None)


def opened(sealed: bytes | memoryview) -> str:
    """The seed of an authenticator app."""
    return unseal(bytes(sealed), purpose=_PURPOSE).decode()


def _locked(actor: Principal) -> User:
    user = lock_caller(actor)
    if not user.has_second_factor:
        raise SecondFactorMissing
    return user


def _settle(actor: Principal, user: User, change: str) -> DeviceSession:
    _tell(user, change)
    session = start_over(user=user, keep=actor.session_id, reason=EndReason.FACTOR_CHANGED)
    if session is None:
        raise SessionEnded
    return session


def _tell(user: User, change: str) -> None:
    record(action=f"factor.{change}", outcome="success", user_id=user.id, target_type="user", target_id=user.id)
    publish(SecondFactorChanged(aggregate_id=user.id, change=change), actor_id=user.id)
