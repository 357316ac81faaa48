"""Request bodies as they arrive: chunked, compressed with gzip, br or zstd, too long, or cut short.

Limits count decoded bytes and the decoder stops at them, so a bomb costs no more memory than an honest body.
Not here: compressed answers (`core/http/compression.py`), what a body says (`core/http/parsers.py`).
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property
from io import BytesIO, RawIOBase
from typing import IO, Any, Protocol

import brotli
from django.conf import settings
from django.http import HttpRequest

from core.errors import BadRequest, LengthRequired, PayloadTooLarge, UnsupportedMediaType

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

ACCEPTED_ENCODINGS = "zstd, br, gzip"
# What a broken line has cut off would not be missed in them, if nobody says how long they are.
_ENDLESS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_CHUNK = 65_536
# RFC 9659: 8 MB is the largest window that a sender may expect us to keep.
_ZSTD_OPTIONS: dict[int, int] = {DecompressionParameter.window_log_max: 23}


class CorruptBody(BadRequest):
    code = "malformed_body"
    detail = "The request body cannot be decompressed."


class Decoder(Protocol):
    finished: bool

    def feed(self, data: bytes, room: int) -> bytes:
        """Decode, giving about `room` bytes at most; more may follow from feeding nothing."""


class Gzip:
    finished = False

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=31)

    def feed(self, data: bytes, room: int) -> bytes:
        output = self._inflater.decompress(self._inflater.unconsumed_tail + data, room)
        self.finished = self._inflater.eof
        if self._inflater.unused_data:
            raise CorruptBody("Something follows the end of the compressed body.")
        return output


class Brotli:
    finished = False

    def __init__(self) -> None:
        self._inflater = brotli.Decompressor()

    def feed(self, data: bytes, room: int) -> bytes:
        output: bytes = self._inflater.process(data, output_buffer_limit=room)
        self.finished = self._inflater.is_finished()
        return output


class Zstd:
    finished = False

    def __init__(self) -> None:
        self._inflater = ZstdDecompressor(options=_ZSTD_OPTIONS)

    def feed(self, data: bytes, room: int) -> bytes:
        output: bytes = self._inflater.decompress(data, room)
        self.finished = self._inflater.eof
        if self._inflater.unused_data:
            raise CorruptBody("Something follows the end of the compressed body.")
        return output


_DECODERS: dict[str, Callable[[], Decoder]] = {"gzip": Gzip, "x-gzip": Gzip, "br": Brotli, "zstd": Zstd}


def prepare_body(request: HttpRequest) -> None:
    """Let the body be read as if it had come plain and with a length.

    Raises:
        UnsupportedMediaType: an encoding that is unknown, or more than one.
        PayloadTooLarge: a chunked body over the limit.
        LengthRequired: a chunked form.
    """
    meta = request.META
    if request.method in {"POST", "PUT", "PATCH", "DELETE"} and not meta.get("CONTENT_LENGTH"):
        _measure(request)
    encoding = meta.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if not encoding or encoding == "identity":
        return
    if encoding not in _DECODERS:
        raise UnsupportedMediaType(f"Request bodies may be encoded as one of {ACCEPTED_ENCODINGS}.")
    _replace_stream(request, DecodedBody(_stream(request), _DECODERS[encoding]()))


def is_cut_short(request: HttpRequest, body: bytes) -> bool:
    """Whether a plain body has fewer bytes than announced; servers hand over what came before the line broke."""
    announced = str(request.META.get("CONTENT_LENGTH") or "")
    return announced.isdecimal() and len(body) < int(announced) and "HTTP_CONTENT_ENCODING" not in request.META


def _measure(request: HttpRequest) -> None:
    """Give a chunked body the length that Django and DRF need to see it at all."""
    chunked: IO[bytes] = request.META.get("wsgi.input") or _stream(request)
    if "wsgi.input" in request.META and not request.META.get("wsgi.input_terminated"):
        return  # this server would block at the end of the body
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = chunked.read(limit + 1)
    if len(body) > limit:
        raise _too_large(limit)
    if body and request.content_type in _ENDLESS:
        raise LengthRequired
    request.META["CONTENT_LENGTH"] = str(len(body))
    _replace_stream(request, BytesIO(body))


class DecodedBody(RawIOBase):
    """A compressed body that decodes itself when somebody first reads it, after access has been checked."""

    def __init__(self, source: IO[bytes], decoder: Decoder) -> None:
        self._source = source
        self._decoder = decoder

    @cached_property
    def _decoded(self) -> BytesIO:
        try:
            return BytesIO(decode(self._source, self._decoder, settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
        except (zlib.error, brotli.error, ZstdError, EOFError) as error:
            raise CorruptBody from error

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        return self._decoded.read(size)


def decode(source: IO[bytes], decoder: Decoder, limit: int) -> bytes:
    """Read and decode everything.

    Raises:
        PayloadTooLarge: more than `limit` bytes, encoded or decoded.
        CorruptBody: the body ends early, or goes on after its end.
    """
    decoded = bytearray()
    taken = 0
    while not decoder.finished:
        chunk = source.read(_CHUNK)
        if not chunk:
            raise CorruptBody("The compressed body ends early.")
        taken += len(chunk)
        for output in _outputs(decoder, chunk):
            decoded += output
            if max(taken, len(decoded)) > limit:
                raise _too_large(limit)
    if source.read(1):
        raise CorruptBody("Something follows the end of the compressed body.")
    return bytes(decoded)


def _outputs(decoder: Decoder, chunk: bytes) -> Iterator[bytes]:
    """All that one chunk decodes to, bit by bit, for it may be a thousand times as much."""
    output = decoder.feed(chunk, _CHUNK)
    yield output
    while output and not decoder.finished:
        output = decoder.feed(b"", _CHUNK)
        yield output


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"Request bodies may have {limit:,} bytes.")


def _stream(request: HttpRequest) -> Any:
    return request._stream


def _replace_stream(request: HttpRequest, stream: Any) -> None:
    # Django has no public way to put another body in front of its parsers.
    request._stream = stream
