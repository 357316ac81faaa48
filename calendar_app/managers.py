"""Chainable querysets of events."""

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from access.types import Principal
from calendar_app.types import PERMISSIONS, Calendar, ShareLevel
from safety.selectors import unblocked

DAYS_APART = timedelta(hours=26)  # one date, from where it begins first to where it begins last


class CalendarShareQuerySet(models.QuerySet[Any]):
    def unexpired(self) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))

    def open_to(self, user_id: UUID, level: ShareLevel) -> Self:
        """Shares that let somebody in at this moment, by the permission rows of django-guardian."""
        permission = PERMISSIONS[level][0]
        granted = self.filter(grants__user_id=user_id, grants__permission__codename=permission)
        return granted.unexpired().filter(owner__is_active=True).unblocked(user_id)

    def unblocked(self, user_id: UUID) -> Self:
        """Without those of people whom somebody blocks, or who block them."""
        return self.filter(unblocked(user_id, "owner_id"))

    def involving(self, user_id: UUID, email: str) -> Self:
        """Shares that somebody gave, was offered or has accepted."""
        return self.filter(Q(owner_id=user_id) | Q(member_id=user_id) | Q(member_id=None, email=email))


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

    def overlapping(self, *, start: datetime, end: datetime) -> Self:
        """Rows that may have something in `[start, end)`."""
        repeating = Q(is_series=True) & (Q(series_ends_at__isnull=True) | Q(series_ends_at__gte=start))
        return self.filter(Q(is_series=False, ends_at__gte=start) | repeating, starts_at__lt=end)
