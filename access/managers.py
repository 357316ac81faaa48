"""Chainable querysets of access."""

from typing import Any

from django.db import models


class ScopeManager(models.Manager[Any]):
    """Permissions that are scopes, among Django's own."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(content_type__app_label="access", content_type__model="scope")
