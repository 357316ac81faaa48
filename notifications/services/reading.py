"""Reading, and having read."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from access.types import Principal
from core.db.changes import lock, save_changes
from notifications.models import Notification


@transaction.atomic
def mark_read(*, actor: Principal, notification_id: UUID) -> Notification:
    """Note that the actor has read one of their notifications; the first time counts.

    Raises: NotFound.
    """
    row: Notification = lock(Notification.objects.visible_to(actor), id=notification_id)
    now = timezone.now()
    return save_changes(row, read_at=row.read_at or now, delivered_at=row.delivered_at or now)


def mark_all_read(*, actor: Principal) -> int:
    """Note that the actor has read everything that is there; returns how many were unread."""
    now = timezone.now()
    count: int = (
        Notification.objects.visible_to(actor)
        .unread()
        .update(read_at=now, delivered_at=Coalesce("delivered_at", now), updated_at=now, rev=F("rev") + 1)
    )
    return count
