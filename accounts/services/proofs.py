"""Telling whether somebody proves to be themselves, now: by a password, an authenticator app, a recovery code.

Guesses are slowed down per person, from wherever they come and whatever they are for: once for those at the door,
which whoever knows the password can make, and once for those in sessions, which must not suffer from that. A code is
spent by being right, once, also when the same code comes from many sides at a time.
"""

from uuid import UUID

from django.db.models import F
from django.utils import timezone

from access.services import record
from accounts import attempts, passwords, totp
from accounts.events import RecoveryCodeUsed
from accounts.models import TotpFactor, User
from accounts.services import recovery, recovery_codes
from accounts.services.factors import opened
from accounts.services.holds import hold_payouts
from accounts.types import Method
from events.services import publish


def admit(user_id: UUID, *, signed_in: bool = False) -> None:
    """Count one guess. Those of whoever is `signed_in` are counted by themselves.

    Raises:
        TooManyAttempts: with the seconds to wait.
    """
    attempts.admit(_subject(user_id, signed_in), everywhere=True)


def forgive(user_id: UUID, *, signed_in: bool = False) -> None:
    attempts.forgive(_subject(user_id, signed_in), everywhere=True)


def holds(user: User, method: Method, secret: str) -> bool:
    """Whether `secret` proves it, of somebody signed in. A password is compared at leisure: call this outside of
    transactions.
    """
    if method is not Method.PASSWORD:
        return False
    with attempts.returned_if_busy(_subject(user.id, signed_in=True), everywhere=True):
        return passwords.matches(user, secret)


def spend(user: User, method: Method, code: str) -> bool:
    """Whether `code` is right, of a locked user and in the caller's transaction, which uses it up.

    Whoever has a code has not lost the second factor, so a recovery that waits to take it away is over.
    """
    spending = {Method.TOTP: _spend_step, Method.RECOVERY_CODE: _spend_recovery_code}.get(method)
    is_right = spending is not None and spending(user, code)
    if is_right:
        recovery.drop(user, reason="proved")
    return is_right


def _spend_step(user: User, code: str) -> bool:
    app = TotpFactor.objects.filter(user=user).first()
    step = totp.find_step(opened(app.seed), code) if app else None
    if step is None:
        return False
    unspent = TotpFactor.objects.filter(user=user, last_step__lt=step)
    return bool(unspent.update(last_step=step, rev=F("rev") + 1, updated_at=timezone.now()))


def _spend_recovery_code(user: User, code: str) -> bool:
    if not recovery_codes.spend(user, code):
        return False
    hold_payouts(user)
    record(
        action="factor.recovery_code_used", outcome="success", user_id=user.id, target_type="user", target_id=user.id
    )
    publish(RecoveryCodeUsed(aggregate_id=user.id), actor_id=user.id)
    return True


def _subject(user_id: UUID, signed_in: bool) -> str:
    return f"proofs of {user_id} {'inside' if signed_in else 'at the door'}"
