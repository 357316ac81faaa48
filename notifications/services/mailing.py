"""Mail, the second channel: what is due goes out, unless its reader has said otherwise by now.

A delivery is leased in one short transaction, sent outside of any, and marked in another. Whoever dies in between
leaves a lease that runs out. A mail that a dead process had sent already goes out again under the same Message-ID, by
which mailboxes know it.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core import mail
from core.contributions.notices import Channel
from notifications.models import Delivery, Notification, Preferences
from notifications.quiet import quiet_until
from notifications.types import DeliveryStatus, Wishes

BATCH = 20
LEASE = timedelta(minutes=5)  # longer than a slow mail server takes for a batch
DAY = timedelta(hours=24)
MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=30)  # doubled with each attempt

_log = logging.getLogger(__name__)


def send_due() -> int:
    """Send a batch of the mails that are due; returns how many rows were looked at."""
    looked_at, ready = _claim(timezone.now())
    for delivery in ready:
        _finish(delivery, _send(delivery))
    return looked_at


def _claim(now: datetime) -> tuple[int, list[Delivery]]:
    """Lease what may go out now, put off what must wait for the end of quiet hours, and end the rest."""
    with transaction.atomic():
        due = list(
            Delivery.objects.due(now)
            .filter(channel=Channel.EMAIL)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("notification__user")
            .order_by("due_at", "id")[:BATCH]
        )
        readers = sorted({delivery.notification.user_id for delivery in due})
        wishes, sent = _locked_wishes(readers), _sent_today(readers, now)
        ready = []
        for delivery in due:
            user_id = delivery.notification.user_id
            if _settle(delivery, wishes.get(user_id, Wishes()), sent[user_id], now):
                sent[user_id] += 1
                ready.append(delivery)
    return len(due), ready


def _settle(delivery: Delivery, wishes: Wishes, sent: int, now: datetime) -> bool:
    """Decide over a delivery by what its reader wants now; whether it goes out."""
    told = delivery.notification
    quiet_end = None if told.urgent else quiet_until(wishes.quiet, now)
    if (end := _end_of(told, wishes, sent, now, quiet_end)) is not None:
        delivery.status = end
    elif quiet_end is not None:
        delivery.due_at = quiet_end
    else:
        delivery.due_at, delivery.began_at, delivery.attempts = now + LEASE, now, delivery.attempts + 1
    delivery.save(update_fields=["status", "due_at", "began_at", "attempts", "updated_at"])
    return delivery.status == DeliveryStatus.PENDING and quiet_end is None


def _end_of(
    told: Notification, wishes: Wishes, sent: int, now: datetime, quiet_end: datetime | None
) -> DeliveryStatus | None:
    """Why a notification is not mailed, if it is not."""
    if told.read_at is not None or not wishes.wants(told.category, Channel.EMAIL):
        return DeliveryStatus.UNWANTED
    if not told.user.is_active or not told.user.is_email_verified:
        return DeliveryStatus.UNREACHABLE
    if told.useful_until is not None and (quiet_end or now) > told.useful_until:
        return DeliveryStatus.EXPIRED
    is_over = wishes.max_per_day is not None and sent >= wishes.max_per_day
    return DeliveryStatus.LIMITED if is_over and not told.urgent and quiet_end is None else None


def _locked_wishes(readers: list[UUID]) -> dict[UUID, Wishes]:
    """What people want; locked, so that two senders count the mails of one reader one after the other."""
    rows = Preferences.objects.select_for_update(no_key=True).filter(user_id__in=readers).order_by("id")
    return {row.user_id: row.wishes for row in rows}


def _sent_today(readers: list[UUID], now: datetime) -> Counter[UUID]:
    begun = Delivery.objects.begun_since(now - DAY, readers, Channel.EMAIL)
    return Counter(begun.values_list("notification__user_id", flat=True))


def _send(delivery: Delivery) -> str:
    """What went wrong; empty when the mail is out."""
    told = delivery.notification
    try:
        mail.deliver(
            "notifications/mail/notice", to=told.user.email, context=_context(told), headers=_headers(delivery)
        )
    except Exception as error:
        _log.warning("Mail of notification %s failed", told.id, exc_info=True)
        return f"{type(error).__name__}: {error}"[:500]
    return ""


def _context(told: Notification) -> Mapping[str, object]:
    link = f"{settings.PUBLIC_BASE_URL}/l/{told.deep_link}" if told.deep_link else ""
    return {"name": told.user.full_name, "title": told.title, "message": told.message, "link": link}


def _headers(delivery: Delivery) -> Mapping[str, str]:
    return {"Message-ID": f"<{delivery.id}@notifications.gigvora.com>", "Auto-Submitted": "auto-generated"}


def _finish(delivery: Delivery, error: str) -> None:
    """Write down what became of a mail, unless its lease has run out and somebody else has it."""
    now = timezone.now()
    ours = Delivery.objects.filter(id=delivery.id, status=DeliveryStatus.PENDING, attempts=delivery.attempts)
    with transaction.atomic():
        if error:
            is_last = delivery.attempts >= MAX_ATTEMPTS
            status = DeliveryStatus.FAILED if is_last else DeliveryStatus.PENDING
            later = now + FIRST_RETRY * 2 ** (delivery.attempts - 1)
            ours.update(status=status, due_at=later, error=error, updated_at=now, rev=F("rev") + 1)
        elif ours.update(status=DeliveryStatus.SENT, error="", updated_at=now, rev=F("rev") + 1):
            Notification.objects.filter(id=delivery.notification_id, delivered_at=None).update(
                delivered_at=now, updated_at=now, rev=F("rev") + 1
            )
