"""Forgetting what was delivered long ago."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from webhooks.models import Delivery, Endpoint
from webhooks.types import DeliveryStatus

RETENTION = timedelta(days=30)
BATCH = 2_000


def purge_deliveries() -> int:
    """Delete finished deliveries with their logs a month after they were made, and secrets that sign no more."""
    old = Delivery.objects.filter(created_at__lt=timezone.now() - RETENTION).exclude(status=DeliveryStatus.PENDING)
    purged = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            Delivery.objects.filter(pk__in=ids).delete()
        purged += len(ids)
    Endpoint.objects.filter(former_secret_until__lt=timezone.now()).update(
        sealed_former_secret=None, former_secret_until=None
    )
    return purged
