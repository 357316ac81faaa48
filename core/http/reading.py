"""How a GET is answered: from what the client holds, from the kept body, or from the rows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.response import Response

from core.db.versions import DataVersion
from core.http import conditional
from core.http.headers import put
from core.http.kept import addresses, kept_bodies, recent
from core.http.requests import ApiRequest

MAX_KEPT_BODY = 256 * 1024  # bytes
_KEPT_HEADERS = ("Content-Type", "Link")


def answer_read(
    request: ApiRequest,
    version: DataVersion | str | None,
    answer: Callable[[], HttpResponseBase],
    changes_at: Callable[[], datetime | None],
) -> HttpResponseBase:
    """Answer a GET whose rows have a version, which is read before them or with them; `None` where none is known."""
    if version is None:
        return _tagged_by_body(request, answer())
    if isinstance(version, DataVersion):
        if _is_new(request):
            return _answered_with_version(request, version, answer, changes_at)
        version = version.read()
    validator = conditional.validator(request, version)
    if (held := conditional.unchanged_since(request, validator)) is not None:
        return _not_modified(held)
    asked_before = recent.has(validator)
    if asked_before and (kept := kept_bodies.find(validator)) is not None:
        return _tagged(request, HttpResponse(kept.body, headers=kept.headers), kept.tag)
    response = answer()
    if not isinstance(response, HttpResponse) or response.status_code != 200:
        return response
    moment = changes_at()
    if asked_before:
        _keep(validator, response, moment)
    return _tagged(request, response, conditional.until(validator, moment))


def tag_change(request: ApiRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Tag the answer to a change with the tag that a GET of the resource would show, for the next `If-Match`."""
    version = _row_version(response)
    if version is not None and isinstance(response, HttpResponse) and response.status_code in {200, 201}:
        response["ETag"] = f'"{conditional.digest_of(request, response.content, version)}"'
    return response


def _is_new(request: ApiRequest) -> bool:
    """Whether neither the client nor this process can hold an answer, so that rows will be read in any case."""
    return "HTTP_IF_NONE_MATCH" not in request.META and not addresses.has(conditional.address(request))


def _answered_with_version(
    request: ApiRequest,
    version: DataVersion,
    answer: Callable[[], HttpResponseBase],
    changes_at: Callable[[], datetime | None],
) -> HttpResponseBase:
    response = answer()
    if not isinstance(response, HttpResponse) or response.status_code != 200:
        return response
    assert version.text is not None, "The view reads by `read_rows`."
    validator = conditional.validator(request, version.text)
    recent.has(validator)  # asked again, it is kept
    return _tagged(request, response, conditional.until(validator, changes_at()))


def _tagged_by_body(request: ApiRequest, response: HttpResponseBase) -> HttpResponseBase:
    if not isinstance(response, HttpResponse) or response.status_code != 200:
        return response
    return _tagged(request, response, conditional.digest_of(request, response.content, _row_version(response)))


def _tagged(request: ApiRequest, response: HttpResponse, tag: str) -> HttpResponse:
    if conditional.is_unchanged(request, tag):
        return _not_modified(tag)
    put(response, "ETag", f'"{tag}"')
    return response


def _not_modified(tag: str) -> HttpResponse:
    response = HttpResponse(status=304)
    del response["Content-Type"]
    put(response, "ETag", f'"{tag}"')
    return response


def _row_version(response: HttpResponseBase) -> int | None:
    data: Any = response.data if isinstance(response, Response) else None
    version = data.get("version") if isinstance(data, dict) else None
    return version if isinstance(version, int) else None


def _keep(validator: str, response: HttpResponse, changes_at: datetime | None) -> None:
    body = response.content
    if len(body) <= MAX_KEPT_BODY:
        headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
        moment = changes_at.timestamp() if changes_at else None
        kept_bodies.keep(validator, conditional.until(validator, changes_at), body, headers, moment)
