"""Chainable querysets of notifications and what becomes of them."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models

from access.types import Principal
from notifications.types import DeliveryStatus


class NotificationQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        return self.filter(user_id=principal.user_id)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class DeliveryQuerySet(models.QuerySet[Any]):
    def due(self, now: datetime) -> Self:
        return self.filter(status=DeliveryStatus.PENDING, due_at__lte=now)

    def begun_since(self, moment: datetime, user_ids: list[UUID], channel: str) -> Self:
        """What went out, or is about to, to some people by one channel."""
        begun = self.filter(channel=channel, began_at__gt=moment, notification__user_id__in=user_ids)
        return begun.filter(status__in=(DeliveryStatus.PENDING, DeliveryStatus.SENT))


class RegistrationQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        return self.filter(user_id=principal.user_id)
