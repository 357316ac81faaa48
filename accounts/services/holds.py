"""Keeping money where it is for a day, after somebody came in by a way that a thief would take."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from core.db.changes import save_changes

PAYOUT_HOLD = timedelta(hours=24)


def hold_payouts(user: User) -> None:
    """Let nothing be paid out of a locked user's account for a day, in the caller's transaction."""
    save_changes(user, payouts_held_until=timezone.now() + PAYOUT_HOLD)
