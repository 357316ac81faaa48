"""Closing an account for good, before what is left of it is erased. Not here: the erasing (`privacy/`)."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.events import AccountClosed
from accounts.models import User
from accounts.services.endings import start_over
from accounts.types import EndReason
from core.db.changes import lock, save_changes
from events.services import publish


def sign_out_everywhere(*, user_id: UUID) -> None:
    """End all that somebody has signed in to, the staff site too, because they asked for it in whichever way.

    Raises:
        NotFound: there is no such person.
    """
    with transaction.atomic():
        start_over(user=lock(User.objects.all(), id=user_id), reason=EndReason.REVOKED)


def close(*, user_id: UUID) -> str:
    """Let nobody sign in any more and end every token; returns the address. Safe to run again.

    Raises:
        NotFound: there is no such person.
    """
    with transaction.atomic():
        user = lock(User.objects.all(), id=user_id)
        if user.closed_at is None:
            if user.is_active:  # else it was withheld before
                publish(AccountClosed(aggregate_id=user_id), actor_id=user_id)
            save_changes(user, is_active=False, closed_at=timezone.now())
            start_over(user=user, reason=EndReason.REVOKED)
    return user.email
