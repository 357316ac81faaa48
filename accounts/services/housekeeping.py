"""Clearing away what is over, once nobody asks about it any more."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import (
    AccountRecovery,
    Challenge,
    Device,
    DeviceSession,
    EmailChange,
    IntegritySignal,
    MailedToken,
    ProviderNotice,
)

KEEP_ENDED_SESSIONS = timedelta(days=30)
KEEP_UNUSED_DEVICES = timedelta(days=90)
KEEP_NOTICES = timedelta(days=365)  # for as long as somebody may ask what became of a deletion
KEEP_SIGNALS = timedelta(days=90)
BATCH = 100  # devices per transaction


def clear_away() -> None:
    """Delete what is over: sessions, links, challenges, signals, devices that nobody uses any more."""
    now = timezone.now()
    DeviceSession.objects.over_before(now - KEEP_ENDED_SESSIONS).delete()
    MailedToken.objects.filter(expires_at__lt=now).delete()
    for over_by_time in (Challenge, EmailChange, AccountRecovery):
        over_by_time.objects.filter(expires_at__lt=now).delete()
    ProviderNotice.objects.filter(received_at__lt=now - KEEP_NOTICES).delete()
    IntegritySignal.objects.filter(created_at__lt=now - KEEP_SIGNALS).delete()
    _clear_unused_devices(before=now - KEEP_UNUSED_DEVICES)


def _clear_unused_devices(*, before: datetime) -> None:
    """Delete the devices last seen before then that have no session any more, walking through the old ones."""
    after = datetime.min.replace(tzinfo=UTC)
    while True:
        old = Device.objects.filter(last_seen_at__gt=after, last_seen_at__lt=before).order_by("last_seen_at")
        with transaction.atomic():  # locked, so that nobody signs in with one of them meanwhile
            locked = old.select_for_update(skip_locked=True)
            found = list(locked.values_list("pk", "last_seen_at")[:BATCH])
            Device.objects.filter(pk__in=[pk for pk, _ in found], sessions=None).delete()
        if len(found) < BATCH:
            return
        after = found[-1][1]
