"""Choosing a password while signed in: another one, or the first one."""

from django.db import transaction

from access.services import record
from access.types import Principal
from accounts import passwords
from accounts.errors import PasswordWrong, SessionEnded
from accounts.events import PasswordChanged
from accounts.models import DeviceSession, MailedToken, User
from accounts.selectors import get_user
from accounts.services import proofs
from accounts.services.endings import start_over
from accounts.types import EndReason, Method, Purpose
from core.db.changes import lock, save_changes
from events.services import publish


def change(*, actor: Principal, new_password: str, current_password: str | None = None) -> DeviceSession:
    """Set a password; other sessions end and sign-ins in progress fail. The session to go on with is returned.

    Who calls this has just proved who they are, so `current_password` may be missing; a wrong one is refused.

    Raises:
        PasswordWrong: `current_password` is not it.
        Invalid: the new one is not acceptable.
        SessionEnded: or the account changed otherwise, in the meantime.
        TooManyAttempts: guessing, or so it seems.
    """
    user = get_user(actor.user_id)
    if current_password is not None:
        _check(user, current_password)
    passwords.check_acceptable(new_password, user=user, field="new_password")
    before = user.security_version
    user.set_password(new_password)  # outside of the transaction: it takes long
    with transaction.atomic():
        locked = lock(User.objects.all(), id=user.id)
        if locked.security_version != before:
            raise SessionEnded
        save_changes(locked, password=user.password)
        MailedToken.objects.filter(user=locked, purpose=Purpose.RESET_PASSWORD).delete()
        session = start_over(user=locked, reason=EndReason.PASSWORD_CHANGED, keep=actor.session_id)
        if session is None:
            raise SessionEnded
        record(action="password.changed", outcome="success", principal=actor)
        publish(PasswordChanged(aggregate_id=user.id), actor_id=user.id)
    return session


def _check(user: User, password: str) -> None:
    proofs.admit(user.id, signed_in=True)
    if not proofs.holds(user, Method.PASSWORD, password):
        record(action="password.changed", outcome="failure", target_type="user", target_id=user.id)
        raise PasswordWrong
    proofs.forgive(user.id, signed_in=True)
