"""A file is handed out piece by piece, whichever server asks."""

import asyncio
import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import File
from django.test import AsyncRequestFactory, RequestFactory

from core.http import downloads

CONTENT = bytes(range(256)) * 1_024
EXPECTED = {
    "Content-Type": "application/zip",
    "Content-Length": str(len(CONTENT)),
    "Content-Disposition": 'attachment; filename="copy.zip"',
    "Cache-Control": "no-store",
}


class Counting(io.BytesIO):
    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 < size <= downloads.PIECE, "the whole file at once"
        self.largest = max(self.largest, size)
        return super().read(size)


def answer(request: Any, content: io.BytesIO) -> Any:
    return downloads.download(
        SimpleNamespace(_request=request), File(content), name="copy.zip", content_type="application/zip"
    )


def test_download__by_wsgi__is_sent_in_pieces() -> None:
    response = answer(RequestFactory().get("/"), Counting(CONTENT))

    assert {name: response.headers[name] for name in EXPECTED} == EXPECTED
    assert b"".join(response.streaming_content) == CONTENT


@pytest.mark.parametrize("leaves_early", [False, True])
def test_download__by_asgi__is_sent_in_pieces_and_closed(leaves_early: bool) -> None:
    file = Counting(CONTENT)
    response = answer(AsyncRequestFactory().get("/"), file)

    async def consume() -> list[bytes]:
        pieces = []
        iterator = aiter(response)
        async for piece in iterator:
            pieces.append(piece)
            if leaves_early:
                await iterator.aclose()
                break
        return pieces

    pieces = asyncio.run(consume())

    assert {name: response.headers[name] for name in EXPECTED} == EXPECTED
    assert all(len(piece) <= downloads.PIECE for piece in pieces)
    assert leaves_early or b"".join(pieces) == CONTENT
    assert leaves_early or file.closed
