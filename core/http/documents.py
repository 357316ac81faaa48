"""`/v1/openapi.json` and the human page over it, made on first demand and kept for the life of the process.

The page loads nothing from elsewhere: Swagger UI comes from the package that is installed beside the server.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import orjson
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_safe

from core.http.access import Public
from core.http.public_documents import public_document

MAX_AGE = 300  # seconds
_ASSETS = {
    "favicon-32x32.png": "image/png",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}


@lru_cache(maxsize=1)
def openapi_document() -> bytes:
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415  costs a cold start dearly

    return orjson.dumps(SchemaGenerator().get_schema(public=True), default=str)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return public_document(request, openapi_document(), "application/json", max_age=MAX_AGE)


@require_safe
@xframe_options_deny
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "docs.html", {"document": "/v1/openapi.json"})


@require_safe
def asset(request: HttpRequest, name: str) -> FileResponse:
    if name not in _ASSETS:
        raise Http404
    content = (_swagger_ui() / name).open("rb")
    headers = {"Cache-Control": "public, max-age=86400"}
    return FileResponse(content, content_type=_ASSETS[name], headers=headers)


@lru_cache(maxsize=1)
def _swagger_ui() -> Path:
    package = find_spec("drf_spectacular_sidecar")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "static" / "drf_spectacular_sidecar" / "swagger-ui-dist"


_WHY = Public("The contract is for everybody who writes a client.")
openapi.access = docs.access = _WHY  # type: ignore[attr-defined]
asset.access = _WHY  # type: ignore[attr-defined]
