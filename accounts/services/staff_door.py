"""The door of the staff site: what counts attempts there, and the second factor asked for beside the password."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import transaction

from access.services import record
from accounts import attempts
from accounts.addresses import counted_as
from accounts.errors import CodeInvalid, SecondFactorMissing
from accounts.models import User
from accounts.selectors import get_user
from accounts.services import proofs
from accounts.types import Method
from core.db.changes import lock


@contextmanager
def attempt(address: str) -> Iterator[None]:
    """Count a sign-in at the staff site as one at the app's door, and forget those before once it succeeds.

    Raises:
        TooManyAttempts: guessing, or so it seems from this network.
    """
    subject = counted_as(address)
    attempts.admit(subject)
    with attempts.returned_if_busy(subject):
        yield
    attempts.forgive(subject)


def check_second_factor(*, user_id: UUID, code: str) -> None:
    """Let somebody pass who has just shown their password. `code` is of their authenticator app, or a recovery code.

    Raises:
        SecondFactorMissing: they have none, and staff must (`STAFF_NEEDS_SECOND_FACTOR`).
        CodeInvalid: wrong, missing, or used before.
        TooManyAttempts: guessing, or so it seems.
    """
    if not get_user(user_id).has_second_factor:
        check_has_second_factor(get_user(user_id))
        return
    if not code:
        raise CodeInvalid("Enter the code that your authenticator app shows.")
    proofs.admit(user_id)
    method = Method.TOTP if code.isdecimal() else Method.RECOVERY_CODE
    with transaction.atomic():
        passed = proofs.spend(lock(User.objects.all(), id=user_id), method, code)
    if not passed:
        record(action="factor.failure", outcome="failure", target_type="user", target_id=user_id, method=method)
        raise CodeInvalid
    proofs.forgive(user_id)


def check_has_second_factor(user: User) -> None:
    """Raises: SecondFactorMissing, where staff must have one."""
    if settings.STAFF_NEEDS_SECOND_FACTOR and not user.has_second_factor:
        raise SecondFactorMissing("Staff must add a second factor to their account first, in the app.")
