"""Problem details (RFC 9457): the one place where errors become HTTP answers.

Names in a problem document never change case; what an error adds, and the pointers in `errors[]`, speak the
surface's case, like the body they point into. `message` repeats `detail`, because shipped clients read it.
Not here: answers to what no view has caught (`core/http/error_pages.py`).
"""

import logging
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core import exceptions as django
from django.db import Error as DatabaseFailure
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf

from core import context, errors
from core.db.errors import as_app_error
from core.http.pointers import field_errors, on_surface
from core.http.renderers import dump_json
from core.http.wire import SNAKE_WIRE, Wire
from core.observability import metrics

CONTENT_TYPE = "application/problem+json"
DECISION_HEADER = "X-Gigvora-Decision-Id"
NONCE_HEADER = "DPoP-Nonce"
logger = logging.getLogger(__name__)


class MethodNotAllowed(errors.AppError):
    status = 405
    code = "method_not_allowed"
    detail = "This address does not support that method."


class NotAcceptable(errors.AppError):
    status = 406
    code = "not_acceptable"
    detail = "None of the media types you accept can be served."


_TRANSLATED: dict[type[Exception], type[errors.AppError]] = {
    Http404: errors.NotFound,
    drf.NotFound: errors.NotFound,
    django.PermissionDenied: errors.Forbidden,
    drf.PermissionDenied: errors.Forbidden,
    drf.NotAuthenticated: errors.Unauthenticated,
    drf.AuthenticationFailed: errors.Unauthenticated,
    drf.MethodNotAllowed: MethodNotAllowed,
    drf.NotAcceptable: NotAcceptable,
    drf.UnsupportedMediaType: errors.UnsupportedMediaType,
    drf.ParseError: errors.BadRequest,
    django.RequestDataTooBig: errors.PayloadTooLarge,
    django.TooManyFieldsSent: errors.PayloadTooLarge,
    django.TooManyFilesSent: errors.PayloadTooLarge,
    django.SuspiciousOperation: errors.BadRequest,
    django.BadRequest: errors.BadRequest,
    MultiPartParserError: errors.BadRequest,
    UnreadablePostError: errors.BadRequest,  # the client went away, or sent less than it announced
    django.MultipleObjectsReturned: errors.Conflict,
}


def exception_handler(exc: Exception, handling: dict[str, Any]) -> HttpResponse | None:
    """DRF's hook: every exception we know becomes a problem; the rest is the server's fault.

    A finished answer, and not DRF's `Response`, because problems are JSON whatever was negotiated for the body.
    """
    return answer(exc, handling["request"])


def answer(exc: Exception, request: HttpRequest) -> HttpResponse | None:
    error = as_error(exc)
    if error is None:
        return None
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _note(exc, error)
    return problem_response(error, request)


def _note(exc: Exception, error: errors.AppError) -> None:
    """Trouble has a traceback in the log. Turning somebody away for want of room is none, and may happen often."""
    is_trouble = exc is not error or exc.__cause__ is not None
    level = logging.ERROR if is_trouble else logging.WARNING
    logger.log(level, "%s answered with %s", type(exc).__name__, error.code, exc_info=exc if is_trouble else None)


def problem_response(error: errors.AppError, request: HttpRequest) -> HttpResponse:
    metrics.refused(error.status, error.code)
    body = dump_json(document(error, request))
    return HttpResponse(body, status=error.status, content_type=CONTENT_TYPE, headers=headers(error, request))


def as_error(exc: BaseException) -> errors.AppError | None:
    """Translate what DRF, Django and the database raise into our own errors; `None` for what nobody expected."""
    if isinstance(exc, errors.AppError):
        return exc
    if isinstance(exc, drf.ValidationError):
        return errors.Invalid(errors=field_errors(exc.get_full_details()))
    if isinstance(exc, drf.Throttled):
        return errors.RateLimited(retry_after=ceil(getattr(exc, "wait", None) or 1))
    if isinstance(exc, DatabaseFailure):
        return as_app_error(exc)
    return next((ours() for theirs, ours in _TRANSLATED.items() if isinstance(exc, theirs)), None)


def document(error: errors.AppError, request: HttpRequest) -> dict[str, Any]:
    wire: Wire = getattr(request, "wire", SNAKE_WIRE)
    problem = {
        "type": f"https://docs.gigvora.com/problems/{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        "instance": request.path,
        "code": error.code,
        "message": error.message,
        "trace_id": context.current().trace_id,
    }
    for name, value in error.extra.items():
        problem.setdefault(name if name == "decision_id" else wire.name(name), value)
    if isinstance(error, errors.Invalid):
        problem["errors"] = [
            {"pointer": on_surface(entry, wire), "code": entry.code, "message": entry.message} for entry in error.errors
        ]
    return problem


def headers(error: errors.AppError, request: HttpRequest) -> dict[str, str]:
    fields = {"Cache-Control": "no-store"}
    if error.status == HTTPStatus.UNAUTHORIZED:
        fields["WWW-Authenticate"] = _challenge(error, request)
    elif error.code == "insufficient_scope":
        fields["WWW-Authenticate"] = f'Bearer realm="gigvora", error="{error.code}", scope="{error.extra["scope"]}"'
    if error.retry_after is not None:
        fields["Retry-After"] = str(error.retry_after)
    if "decision_id" in error.extra:
        fields[DECISION_HEADER] = str(error.extra["decision_id"])
    if "dpop_nonce" in error.extra:
        fields[NONCE_HEADER] = str(error.extra["dpop_nonce"])
    return fields


def _challenge(error: errors.AppError, request: HttpRequest) -> str:
    """RFC 6750 §3.1: a request that tried nothing is not told that it failed. RFC 9449 §7.1 for signed ones."""
    authorization = request.META.get("HTTP_AUTHORIZATION")
    if "dpop" in error.code or (authorization or "").lower().startswith("dpop"):
        reason = error.code if "dpop" in error.code else "invalid_token"
        return f'DPoP realm="gigvora", error="{reason}", algs="ES256"'
    return 'Bearer realm="gigvora"' + (', error="invalid_token"' if authorization is not None else "")
