"""Files as answers, piece by piece, on either kind of server: none is ever whole in memory."""

from collections.abc import AsyncIterator
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.core.files.base import File
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

PIECE = 65_536  # bytes


def download(request: Any, file: "File[bytes]", *, name: str, content_type: str) -> HttpResponseBase:
    """Answer with a file to be saved as `name`, which nobody may keep a copy of on the way."""
    headers = {"Cache-Control": "no-store"}
    if not isinstance(request._request, ASGIRequest):
        return FileResponse(file, as_attachment=True, filename=name, content_type=content_type, headers=headers)
    headers |= {"Content-Length": str(file.size), "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_pieces(file), content_type=content_type, headers=headers)


async def _pieces(file: "File[bytes] | IO[bytes]") -> AsyncIterator[bytes]:
    """What an ASGI server asks for; it would read a plain file to its end before it sends the first byte."""
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        while piece := await read(PIECE):
            yield piece
    finally:
        await sync_to_async(file.close, thread_sensitive=False)()
