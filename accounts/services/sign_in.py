"""Signing in with a password."""

from access.services import record
from accounts import attempts, passwords
from accounts.addresses import counted_as
from accounts.errors import InvalidCredentials
from accounts.models import DeviceSession, User
from accounts.selectors import find_by_email
from accounts.services import sessions
from accounts.services.staff_door import check_has_second_factor
from accounts.types import DeviceClaim, Method
from core.http.access import Audience


def sign_in(*, email: str, password: str, device: DeviceClaim, audience: Audience | None = None) -> DeviceSession:
    """Begin a session for whoever knows the password.

    Raises:
        InvalidCredentials: for whatever reason; all of them look and take the same.
        SecondFactorMissing: a staff client, and the account has no second factor though staff must.
        SecondFactorRequired: the password was right, and the account asks for more.
        TooManyAttempts: guessing, or so it seems from this network.
    """
    address = counted_as(email)
    attempts.admit(address)
    user = find_by_email(email)
    with attempts.returned_if_busy(address):
        is_right = passwords.matches(user, password)
    if not is_right or user is None or not _may_use(user, audience):
        record(action="login.failure", outcome="failure", target_type="user", target_id=user.id if user else "")
        raise InvalidCredentials
    if audience is Audience.ADMIN:
        check_has_second_factor(user)
    session = sessions.start(user=user, claim=device, methods=(Method.PASSWORD,), audience=audience)
    attempts.forgive(address)
    return session


def _may_use(user: User, audience: Audience | None) -> bool:
    """Staff clients are for staff; to others they look like a wrong password."""
    return audience is not Audience.ADMIN or user.is_staff
