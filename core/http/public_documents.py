"""Small documents that are the same for everybody: public, tagged, kept by caches for a while."""

from hashlib import blake2b
from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from core.http import conditional


def public_document(request: HttpRequest, body: bytes, content_type: str, *, max_age: int) -> HttpResponse:
    """Answer with the document, or with `304` to whoever holds it. `max_age` in seconds."""
    tag = blake2b(body, digest_size=16).hexdigest()
    headers = {"ETag": f'"{tag}"', "Cache-Control": f"public, max-age={max_age}"}
    if conditional.is_unchanged(cast("Any", request), tag):
        response = HttpResponse(status=304, headers=headers)
        del response["Content-Type"]
        return response
    return HttpResponse(body, content_type=content_type, headers=headers)
