"""Taking possession of an address that nobody had shown to be theirs.

Anybody can register with somebody else's address, and wait. So when its owner comes, whatever opened the account
before is taken away: the password, passkeys, identities elsewhere, a second factor, sessions ("Pre-hijacked
accounts", Sudhodanan and Paverd, USENIX Security 2022).
"""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from access.services import record
from accounts.events import FreelancerVerified
from accounts.models import User
from accounts.services import factors, passkeys
from accounts.services.endings import start_over
from accounts.services.social import identities
from accounts.types import EndReason
from core.db.changes import save_changes
from events.services import publish


def claim_address(user: User) -> None:
    """Note that a locked user has shown the address to be theirs, in the caller's transaction."""
    if user.is_email_verified:
        return
    distrust(user)
    save_changes(user, password=make_password(None), email_verified_at=timezone.now())
    start_over(user=user, reason=EndReason.RECOVERED)
    record(action="email.verified", outcome="success", user_id=user.id, reason="signed_in_by_mail")
    publish(FreelancerVerified(aggregate_id=user.id), actor_id=user.id)


def greeted_as(user: User) -> str:
    """What a mail calls its reader. At an address that nobody has shown to be theirs that is a stranger, to whom
    whoever registered, and chose the name, would write by it.
    """
    return user.full_name if user.is_email_verified else ""


def distrust(user: User, *, since: datetime | None = None) -> None:
    """Take away, in the caller's transaction, what opens a locked user's account: all of it, or what was added `since`.

    Recovery codes may be younger than the factor that they stand in for. The password and sessions are the caller's
    business; with the sessions biometric keys end.
    """
    identities.distrust(user, since=since)
    passkeys.distrust(user, since=since)
    if user.second_factor_at and (since is None or user.second_factor_at >= since):
        factors.take_away(user)
    elif since is not None:
        user.recovery_codes.filter(created_at__gte=since).delete()
