"""Closing an account for good, before what is left of it is erased. Not here: the erasing (`privacy/`)."""

from uuid import UUID

from django.db import transaction

from access.services import forget_grants
from accounts.events import AccountClosed
from accounts.models import DeviceSession, User
from accounts.services.endings import end
from accounts.types import EndReason
from core.db.changes import lock, save_changes
from events.services import publish


def sign_out_everywhere(*, user_id: UUID) -> int:
    """End every session of somebody who asked for it by another way than a request of theirs; returns how many."""
    with transaction.atomic():
        return end(actor=user_id, sessions=DeviceSession.objects.of(user_id), reason=EndReason.REVOKED)


def close(*, user_id: UUID) -> str:
    """Let nobody sign in any more and end every token; returns the address. Safe to run again.

    Raises:
        NotFound: there is no such person.
    """
    with transaction.atomic():
        user = lock(User.objects.all(), id=user_id)
        if user.is_active:
            save_changes(user, is_active=False, security_version=user.security_version + 1)
            publish(AccountClosed(aggregate_id=user_id), actor_id=user_id)
        sign_out_everywhere(user_id=user_id)
        forget_grants(user_id)
    return user.email
