"""Chainable querysets of reports and blocks."""

from datetime import datetime
from typing import Any, Self

from django.db import models

from access.types import Principal
from safety.types import PROMISE, WAITING


class ReportQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        """Those that the caller filed. Staff see all of them, in their own screens."""
        return self.filter(reporter_id=principal.user_id)

    def waiting(self) -> Self:
        """Those that nobody has decided about."""
        return self.filter(status__in=WAITING)

    def overdue(self, now: datetime) -> Self:
        """Those that have waited for longer than we promise."""
        return self.waiting().filter(created_at__lte=now - PROMISE)


class BlockQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        """Those that the caller set. Nobody learns who blocks them."""
        return self.filter(blocker_id=principal.user_id)
