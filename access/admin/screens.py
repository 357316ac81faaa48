"""What the screens of access have in common: rows to read, refusals told as messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest

from core.errors import AppError


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg]
    """Rows to read. Whatever changes them goes through a service."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@contextmanager
def refusals_as_messages(request: HttpRequest) -> Iterator[None]:
    """Tell whoever is at the screen why a service refused, and go on."""
    try:
        yield
    except AppError as error:
        missing = error.extra.get("missing")
        messages.error(request, error.message + (f" Missing: {', '.join(missing)}." if missing else ""))


def email_of(column: str) -> Subquery:
    """The address of the person whose id stands in `column`, which is no foreign key."""
    return Subquery(get_user_model().objects.filter(pk=OuterRef(column)).values("email")[:1])


def staff_id(request: HttpRequest) -> UUID:
    """Who is at the screen."""
    assert request.user.pk is not None, "The staff site has let nobody in who is not signed in."
    return request.user.pk
