"""Having a second factor: an authenticator app and its recovery codes, and doing without them again.

Whatever changes how somebody proves who they are voids what was proved before: other sessions end, sign-ins in
progress fail (OWASP ASVS 7.4.3). The session that changed it goes on with the access token of the answer.
Not here: setting up an app (`enrolling.py`).
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from access.services import record
from access.types import Principal
from accounts.errors import SecondFactorMissing, SessionEnded, StaffNeedSecondFactor
from accounts.events import SecondFactorChanged
from accounts.models import DeviceSession, TotpFactor, User
from accounts.services import recovery_codes
from accounts.services.callers import lock_caller
from accounts.services.endings import start_over
from accounts.types import EndReason
from core.db.changes import save_changes
from core.sealing import seal, unseal
from events.services import publish

_PURPOSE = b"totp seed"


@dataclass(frozen=True, slots=True)
class Changed:
    """The session to go on with, and new recovery codes where there are any."""

    session: DeviceSession
    recovery_codes: tuple[str, ...] = ()


def remove(*, actor: Principal) -> Changed:
    """Ask for no second factor any more.

    Raises:
        SecondFactorMissing: there is none.
        StaffNeedSecondFactor: they are of the staff, who must have one (`STAFF_NEEDS_SECOND_FACTOR`).
        SessionEnded: the caller was signed out meanwhile.
    """
    with transaction.atomic():
        user = _locked(actor)
        if user.is_staff and settings.STAFF_NEEDS_SECOND_FACTOR:
            raise StaffNeedSecondFactor
        take_away(user)
        return Changed(settle(actor, user, "removed"))


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


def settle(actor: Principal, user: User, change: str) -> DeviceSession:
    """Tell of a change to a locked user's factor, and void what was proved before; the caller's session goes on.

    Raises:
        SessionEnded: it was signed out meanwhile.
    """
    _tell(user, change)
    session = start_over(user=user, keep=actor.session_id, reason=EndReason.FACTOR_CHANGED)
    if session is None:
        raise SessionEnded
    return session


def sealed(seed: str) -> bytes:
    """The seed of an authenticator app, as it is kept."""
    return seal(seed.encode(), purpose=_PURPOSE)


def opened(kept: bytes | memoryview) -> str:
    """The seed of an authenticator app."""
    return unseal(bytes(kept), purpose=_PURPOSE).decode()


def _locked(actor: Principal) -> User:
    user = lock_caller(actor)
    if not user.has_second_factor:
        raise SecondFactorMissing
    return user


def _tell(user: User, change: str) -> None:
    record(action=f"factor.{change}", outcome="success", user_id=user.id, target_type="user", target_id=user.id)
    publish(SecondFactorChanged(aggregate_id=user.id, change=change), actor_id=user.id)
