"""Access for views that are not DRF's, and the decision id on every answer that a decision made.

Function views, library pages and the staff tree are held to the declaration of their route, by `mount()` or their
own. API views of ours are skipped: `DeclaredAccess` holds them, once they know what they are asked.
"""

from collections.abc import Callable
from typing import Any, cast

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from access.decisions import exchange, remember
from access.permissions import DeclaredAccess
from access.policy import NOWHERE
from access.services import enforce
from access.types import Principal
from core import context
from core.errors import AppError, NotFound
from core.http.access import ADMIN, Access
from core.http.error_pages import not_found
from core.http.problems import DECISION_HEADER, as_error, problem_response
from core.http.routing import declaration_of


class AccessMiddleware:
    """Stands before the CSRF check, which would otherwise tell strangers that a staff route exists."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with exchange() as current:
            response = self.get_response(request)
            if request.resolver_match is None and response.status_code == 404:
                remember(NOWHERE)
        if current.decision is None:
            return response
        if current.decision.hides_the_route:  # nothing of the view may show, such as the methods it allows
            response = not_found(request, NotFound(decision_id=current.decision.id))
        response[DECISION_HEADER] = current.decision.id
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        try:
            _hold(request, _is_held_by_permission(view))
        except (AppError, APIException, DatabaseError) as refused:
            error = as_error(refused)
            if error is None:
                raise
            return problem_response(error, request)
        return None


def _hold(request: HttpRequest, held_by_permission: bool) -> None:
    """Let the request pass, with `request.user` set, or raise."""
    match = request.resolver_match
    declaration = declaration_of(match) if match else None
    if match is None or declaration is None:
        raise NotFound
    staff_only = isinstance(declaration, Access) and declaration.is_staff_only
    if held_by_permission and not staff_only:
        return
    if staff_only and not held_by_permission and not _bears_token(request):
        _bind_staff(request)  # the staff site asks for its own session
        return
    if staff_only:
        principal = _quietly_authenticated(request)
        if held_by_permission and principal and principal.audience in ADMIN:
            return  # strangers are sent away before DRF tells them which formats it has; the rest is its work
    else:
        principal = _authenticated(request) if isinstance(declaration, Access) else None
        request.user = cast("Any", principal)  # never the user of a session cookie
    enforce(principal, declaration, method=request.method or "", route=match.route)


def _is_held_by_permission(view: Callable[..., Any]) -> bool:
    view_class = getattr(view, "cls", None)
    return DeclaredAccess in getattr(view_class, "permission_classes", ())


def _authenticated(request: HttpRequest) -> Principal | None:
    """The caller, as the API's own authenticators see them."""
    asked = Request(request, authenticators=APIView().get_authenticators())
    return cast("Principal | None", asked.user)


def _quietly_authenticated(request: HttpRequest) -> Principal | None:
    try:
        return _authenticated(request)
    except (AppError, APIException):
        return None


def _bears_token(request: HttpRequest) -> bool:
    return request.headers.get("Authorization", "").lower().startswith(("bearer", "dpop"))


def _bind_staff(request: HttpRequest) -> None:
    """Tell the context who of the staff is at work, so that logs and the audit trail know."""
    user = getattr(request, "user", None)
    known = str(user.pk) if user and user.is_authenticated else ""
    context.bind(channel=context.Channel.ADMIN, user_id=known)
