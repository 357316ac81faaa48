"""Chainable querysets of events."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from access.types import Principal
from calendar_app.types import Calendar, Window

DAYS_APART = timedelta(hours=26)  # one date, from where it begins first to where it begins last


class EventQuerySet(models.QuerySet[Any]):
    def owned_by(self, owner_id: UUID) -> Self:
        return self.filter(owner_id=owner_id)

    def shared_with(self, principal: Principal) -> Self:
        """What colleagues show to the caller's workspace."""
        if principal.workspace_id is None:
            return self.none()
        return self.filter(shared_in=principal.workspace_id).exclude(owner_id=principal.user_id)

    def visible_to(self, principal: Principal) -> Self:
        """Everything that the caller may read: the rule behind every list, detail, search and export."""
        own = Q(owner_id=principal.user_id)
        return self.filter(own | Q(shared_in=principal.workspace_id) if principal.workspace_id else own)

    def in_calendar(self, calendar: Calendar, principal: Principal) -> Self:
        """One part of what is visible; apart, each part is one index range."""
        return self.owned_by(principal.user_id) if calendar is Calendar.MINE else self.shared_with(principal)

    def standing_alone(self) -> Self:
        """Rows that are one event each: single events, and occurrences that were changed."""
        return self.filter(is_series=False)

    def series(self) -> Self:
        """Rows that repeat."""
        return self.filter(is_series=True)

    def overlapping(self, window: Window) -> Self:
        """Rows that may have something in the window, wherever the caller's day begins."""
        start, end = window.start - DAYS_APART, window.end + DAYS_APART
        repeating = Q(is_series=True) & (Q(series_ends_at__isnull=True) | Q(series_ends_at__gte=start))
        return self.filter(Q(is_series=False, ends_at__gte=start) | repeating, starts_at__lt=end)
