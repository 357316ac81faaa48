"""Chainable querysets of endpoints and deliveries."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from access.types import Principal
from webhooks.types import DeliveryStatus, EndpointStatus


class EndpointQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        """Those of the caller's workspace; the platform's own are for staff alone."""
        if principal.workspace_id is None:
            return self.none()
        return self.filter(workspace=principal.workspace_id)

    def reachable(self, now: datetime) -> Self:
        """Those that may be called at this moment."""
        return self.filter(Q(paused_until=None) | Q(paused_until__lte=now), status=EndpointStatus.ACTIVE)


class SendingQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        if principal.workspace_id is None:
            return self.none()
        return self.filter(endpoint__workspace=principal.workspace_id)

    def due(self, now: datetime) -> Self:
        """Those to be sent now, that nobody is sending."""
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        return self.filter(free, status=DeliveryStatus.PENDING, due_at__lte=now)

    def flying(self, now: datetime) -> Self:
        """Those that somebody is sending."""
        return self.filter(status=DeliveryStatus.PENDING, leased_until__gt=now)
