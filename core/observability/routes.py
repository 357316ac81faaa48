"""Names for requests that do not grow with traffic: the route's template and the surface it was seen on."""

import re
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from core import context
from core.http.access import Access
from core.http.routing import declared_access

UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def route_of(request: HttpRequest) -> str:
    """`/v1/calendar/events/{pk}`; the same word for everything that is no route, or a scan would fill the store."""
    match = request.resolver_match
    return UNMATCHED if match is None else template(match.route)


def method_of(request: HttpRequest) -> str:
    return request.method if request.method in _METHODS else "other"


def surface_of(request: HttpRequest) -> str:
    """The signed-in caller's channel, before sign-in that of the declared platform where one was bound, else web.

    Staff routes are `admin` whoever asks.
    """
    if request.path.startswith(f"/{settings.STAFF_PATH}") or _is_staff_only(request):
        return context.Channel.ADMIN.surface
    return context.current().channel.surface


@lru_cache(maxsize=2048)
def template(route: str) -> str:
    """A Django route, written with paths or with regular expressions, as an OpenAPI path."""
    if "(?P<" in route or "^" in route or "$" in route:
        from django.contrib.admindocs.views import simplify_regex  # noqa: PLC0415  few routes need it

        route = simplify_regex(route)
    return "/" + _CONVERTER.sub(r"{\1}", route).lstrip("/")


def _is_staff_only(request: HttpRequest) -> bool:
    match = request.resolver_match
    declaration = declared_access(match.func) if match is not None else None
    return isinstance(declaration, Access) and declaration.is_staff_only
