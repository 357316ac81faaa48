"""Signing in with a password."""

from access.services import record
from accounts import attempts, passwords
from accounts.errors import InvalidCredentials
from accounts.models import DeviceSession
from accounts.selectors import find_by_email
from accounts.services import sessions
from accounts.types import DeviceClaim
from core.http.access import Audience

PASSWORD = "pwd"  # noqa: S105  RFC 8176's name of the method


def sign_in(*, email: str, password: str, device: DeviceClaim, audience: Audience | None = None) -> DeviceSession:
    """Begin a session for whoever knows the password.

    Raises:
        InvalidCredentials: for whatever reason; all of them look and take the same.
        TooManyAttempts: guessing, or so it seems from this network.
    """
    address = email.strip().lower()
    attempts.admit(address)
    user = find_by_email(email)
    if not passwords.matches(user, password) or user is None:
        record(action="login.failure", outcome="failure", target_type="user", target_id=user.id if user else "")
        raise InvalidCredentials
    session = sessions.start(user=user, claim=device, amr=PASSWORD, audience=audience)
    attempts.forgive(address)
    return session
