"""Clearing away what is over, once nobody asks about it any more."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import Device, DeviceSession, MailedToken

KEEP_ENDED_SESSIONS = timedelta(days=30)
KEEP_UNUSED_DEVICES = timedelta(days=90)


def clear_away() -> None:
    """Delete ended sessions, spent links, and devices that nobody has signed in from for long."""
    now = timezone.now()
    over = now - KEEP_ENDED_SESSIONS
    DeviceSession.objects.filter(Q(revoked_at__lt=over) | Q(expires_at__lt=over) | Q(idle_expires_at__lt=over)).delete()
    MailedToken.objects.filter(expires_at__lt=now).delete()
    Device.objects.filter(sessions=None, last_seen_at__lt=now - KEEP_UNUSED_DEVICES).delete()
