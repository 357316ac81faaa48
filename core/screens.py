"""What the screens of staff have in common: rows to read, refusals told as messages, who is looking."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest

from core.errors import AppError, Invalid

# What Django's own filters make of a field's name.
_KINDS = ("exact", "gte", "lt", "isnull", "isempty", "id__exact", "year", "month", "day")


class NamedFilters:
    """Lists are narrowed by the filters that they show, and by nothing else that an address may name.

    Django lets addresses filter by every column of a model. Staff could guess what a screen hides, such as the hash of
    a password, letter by letter: `?password__startswith=…` answers whether it begins like that.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        screen: Any = self
        offered = {"id", screen.date_hierarchy, *map(_named, screen.get_list_filter(request))}
        return any(lookup == name or lookup in {f"{name}__{kind}" for kind in _KINDS} for name in offered)


class ReadOnly(NamedFilters):
    """Rows to read, for admins and inlines alike. Whatever changes them goes through a service."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))  # type: ignore[attr-defined]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@contextmanager
def refusals_as_messages(request: HttpRequest, subject: object = "") -> Iterator[None]:
    """Tell whoever is at the screen why a service refused, of which row, and go on."""
    try:
        yield
    except AppError as error:
        messages.warning(request, f"{subject}: {said_by(error)}" if subject else said_by(error))


def said_by(error: AppError) -> str:
    """A refusal in a sentence or two: of the first field that it is about, and of what was missing."""
    message = error.errors[0].message if isinstance(error, Invalid) and error.errors else error.message
    missing = error.extra.get("missing")
    return f"{message} Missing: {', '.join(missing)}." if missing else message


def _named(chosen: Any) -> str:
    """The field or parameter by which one of the ways of `list_filter` narrows a list."""
    if isinstance(chosen, tuple):
        return str(chosen[0])
    return str(getattr(chosen, "parameter_name", chosen))


def staff_id(request: HttpRequest) -> UUID:
    """Who is at the screen."""
    assert request.user.pk is not None, "The staff site has let nobody in who is not signed in."
    return request.user.pk
