"""Problem details (RFC 9457): the one place where errors become HTTP answers.

Names in a problem document never change case; pointers in `errors[]` speak the surface's case, like the
body they point into. `message` repeats `detail`, because shipped clients read it.
"""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as drf
from rest_framework.response import Response

from core import context, errors
from core.db.errors import as_app_error
from core.http.wire import SNAKE_WIRE

CONTENT_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)

_TRANSLATED: dict[type[Exception], type[errors.AppError]] = {
    Http404: errors.NotFound,
    PermissionDenied: errors.Forbidden,
    drf.NotFound: errors.NotFound,
    drf.PermissionDenied: errors.Forbidden,
    drf.NotAuthenticated: errors.Unauthenticated,
    drf.AuthenticationFailed: errors.Unauthenticated,
    drf.ParseError: errors.BadRequest,
    drf.UnsupportedMediaType: errors.UnsupportedMediaType,
}


class MethodNotAllowed(errors.AppError):
    status = 405
    code = "method_not_allowed"
    detail = "This address does not support that method."


class NotAcceptable(errors.AppError):
    status = 406
    code = "not_acceptable"
    detail = "None of the media types you accept can be served."


def exception_handler(exc: Exception, handling: dict[str, Any]) -> Response | None:
    """DRF's hook: every exception we know becomes a problem; the rest is the server's fault."""
    request: HttpRequest = handling["request"]
    error = as_error(exc)
    if error is None:
        return None
    response = Response(document(error, request), status=error.status, content_type=CONTENT_TYPE)
    for name, value in headers(error).items():
        response[name] = value
    return response


def problem_response(error: errors.AppError, request: HttpRequest) -> HttpResponse:
    """The same answer outside of DRF: middleware, Django's 404 and 500 handlers."""
    body = orjson.dumps(document(error, request))
    return HttpResponse(body, status=error.status, content_type=CONTENT_TYPE, headers=headers(error))


def as_error(exc: Exception) -> errors.AppError | None:
    """Translate what DRF, Django and the database raise into our own errors."""
    if isinstance(exc, errors.AppError):
        return exc
    if isinstance(exc, drf.ValidationError):
        return errors.Invalid(errors=list(_flatten(exc.get_full_details())))
    if isinstance(exc, drf.MethodNotAllowed):
        return MethodNotAllowed()
    if isinstance(exc, drf.NotAcceptable):
        return NotAcceptable()
    if isinstance(exc, DatabaseError):
        return as_app_error(exc)
    translated = next((ours for theirs, ours in _TRANSLATED.items() if isinstance(exc, theirs)), None)
    return translated() if translated else None


def document(error: errors.AppError, request: HttpRequest) -> dict[str, Any]:
    problem = {
        "type": f"https://docs.gigvora.com/problems/{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        "instance": request.path,
        "code": error.code,
        "message": error.message,
        "trace_id": context.current().trace_id,
        **error.extra,
    }
    if isinstance(error, errors.Invalid):
        wire = getattr(request, "wire", SNAKE_WIRE)
        problem["errors"] = [
            {"pointer": _on_surface(entry.pointer, wire.name), "code": entry.code, "message": entry.message}
            for entry in error.errors
        ]
    return problem


def headers(error: errors.AppError) -> dict[str, str]:
    answer = {"Cache-Control": "no-store"}
    if error.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = f'Bearer realm="gigvora", error="{error.code}"'
    if error.retry_after is not None:
        answer["Retry-After"] = str(error.retry_after)
    return answer


def _flatten(details: Any, pointer: str = "") -> Iterator[errors.FieldError]:
    """Walk DRF's nested validation details down to `(pointer, code, message)`."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield errors.FieldError(pointer, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _flatten(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
    elif isinstance(details, list):
        leaves = all(isinstance(inner, dict) and set(inner) == {"message", "code"} for inner in details)
        for index, inner in enumerate(details):
            yield from _flatten(inner, pointer if leaves else f"{pointer}/{index}")


def _on_surface(pointer: str, name: Any) -> str:
    return "/".join(name(part) for part in pointer.split("/"))
