"""`/v1/openapi.json` and the human page over it, made on first demand and kept for the life of the process."""

from functools import lru_cache
from hashlib import blake2b

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.http.access import Public

MAX_AGE = 300  # seconds


@lru_cache(maxsize=1)
def openapi_document() -> tuple[bytes, str]:
    """The document and its tag."""
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415  costs a cold start dearly

    document = SchemaGenerator().get_schema(public=True)
    body = orjson.dumps(document, default=str)
    return body, f'"{blake2b(body, digest_size=16).hexdigest()}"'


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    body, tag = openapi_document()
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={MAX_AGE}"}
    held = {sent.strip().removeprefix("W/") for sent in request.META.get("HTTP_IF_NONE_MATCH", "").split(",")}
    if tag in held or "*" in held:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "docs.html", {"document": "/v1/openapi.json"})


openapi.access = docs.access = Public("The contract is for everybody who writes a client.")  # type: ignore[attr-defined]
