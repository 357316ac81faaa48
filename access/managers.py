"""Chainable querysets of access."""

from typing import Any, Self

from django.contrib.auth.models import GroupManager, Permission
from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.contributions.scopes import STAFF


class ScopeManager(models.Manager[Any]):
    """Permissions that are scopes, among Django's own."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(content_type__app_label="access", content_type__model="scope")


class RoleQuerySet(models.QuerySet[Any]):
    def with_staff_powers(self) -> Self:
        """Adds `is_staff`: the role opens the staff site, or holds a scope of the staff's."""
        held = Permission.objects.filter(group=OuterRef("pk"), codename__startswith="admin:")
        return self.annotate(is_staff=Q(name__in=sorted(STAFF)) | Q(Exists(held)))

    def staff(self) -> Self:
        return self.with_staff_powers().filter(is_staff=True)


class RoleManager(GroupManager.from_queryset(RoleQuerySet)):  # type: ignore[misc]
    """Django's manager of groups, with the questions asked of roles."""


class AccessRequestQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        return self.filter(status="waiting")
