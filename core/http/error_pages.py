"""What no view has caught: Django's handlers for 400, 403, 404 and 500, and its CSRF page.

API clients get problem details; people in a browser, outside of the API, get Django's pages.
"""

import sys
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import csrf, defaults

from core import errors
from core.http.problems import as_error, problem_response

API_ROOTS = ("/v1/", "/api/", "/mobile/")


class InternalError(errors.AppError):
    status = 500
    code = "internal_error"
    detail = "Something went wrong on our side. It is recorded under this trace id."


def is_for_people(request: HttpRequest) -> bool:
    return not request.path.startswith(API_ROOTS) and "text/html" in request.META.get("HTTP_ACCEPT", "")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, exception, errors.BadRequest, defaults.bad_request)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, exception, errors.Forbidden, defaults.permission_denied)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, exception, errors.NotFound, defaults.page_not_found)


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort. What middleware raised comes only this way, a lost database for one."""
    raised = sys.exc_info()[1]
    error = (as_error(raised) if raised else None) or InternalError()
    return defaults.server_error(request) if is_for_people(request) else problem_response(error, request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if is_for_people(request):
        return csrf.csrf_failure(request, reason)
    return problem_response(errors.Forbidden("The request carries no valid CSRF token."), request)


def _page(
    request: HttpRequest, exception: Exception, fallback: type[errors.AppError], page: Callable[..., Any]
) -> HttpResponse:
    if is_for_people(request):
        response: HttpResponse = page(request, exception)
        return response
    return problem_response(as_error(exception) or fallback(), request)
