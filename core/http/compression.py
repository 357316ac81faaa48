"""Compressed answers: zstd, br or gzip, whichever the client likes best.

A strong `ETag` names exact bytes (RFC 9110 §8.8.1), so a compressed answer gets one of its own: views tag what they
render (`"abc"`), the answer leaves as `"abc-zstd"`, and the suffix is taken off again wherever a client sends it back.
Views therefore only ever see their own tags; theirs must not end in one of the suffixes.
Not here: compressed requests (`core/http/bodies.py`).
"""

import re
import sys
import zlib
from collections.abc import Callable
from secrets import randbelow, token_urlsafe
from threading import local

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_http_compression.middleware import HttpCompressionMiddleware, best_coding

from core.errors import AppError
from core.http.bodies import ACCEPTED_ENCODINGS, prepare_body
from core.http.problems import problem_response

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdCompressor
else:
    from backports.zstd import ZstdCompressor

MIN_BYTES = 1000  # what fits one packet arrives no sooner for being smaller
# Measured on a list of 50 events (17.5 KB): the next levels cost half as much again and save under 5 %.
_ZSTD_LEVEL, _BROTLI_QUALITY, _GZIP_LEVEL = 3, 3, 4

_MARK = re.compile(r'-(?:zstd|br|gzip)"')
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH")
_reused = local()


class CompressionMiddleware(HttpCompressionMiddleware):
    """Encodes what leaves, and prepares what comes in to be read as if it had come plain."""

    async_capable = False
    content_type_re = re.compile(
        r"text/|image/svg\+xml|application/(?:json|x-protobuf|javascript|xml|vnd\.oai\.openapi|[\w.-]+\+(?:json|xml))",
        re.IGNORECASE,
    )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        held = request.META.get("HTTP_IF_NONE_MATCH", "")
        for name in _CONDITIONS:
            if name in request.META:
                request.META[name] = _MARK.sub('"', request.META[name])
                request.__dict__.pop("headers", None)  # Django's view of META
        response = self._answer(request)
        if response.status_code == 304:
            _restore_etag(response, held)
        else:
            self.maybe_compress(request, response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        try:
            prepare_body(request)
        except AppError as refused:
            response = problem_response(refused, request)
            response.headers["Accept-Encoding"] = ACCEPTED_ENCODINGS
            return response
        answer: HttpResponseBase = self.get_response(request)  # type: ignore[assignment]
        return answer

    def maybe_compress(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if not isinstance(response, HttpResponse):
            super().maybe_compress(request, response)  # a stream, encoded bit by bit
        elif self._is_worth_it(response):
            _compress(response, best_coding(request.META.get("HTTP_ACCEPT_ENCODING", "")))

    def _is_worth_it(self, response: HttpResponse) -> bool:
        headers = response.headers
        return (
            len(response.content) >= MIN_BYTES
            and self.content_type_re.match(headers.get("Content-Type", "")) is not None
            and "Content-Encoding" not in headers
            and "Content-Range" not in headers
            and "no-transform" not in headers.get("Cache-Control", "")
        )


def _compress(response: HttpResponse, coding: str) -> None:
    if coding not in _ENCODERS:
        return
    encoded = _ENCODERS[coding](response.content)
    if len(encoded) >= len(response.content):
        return
    response.content = encoded
    headers = response.headers
    headers["Content-Encoding"] = coding
    headers["Content-Length"] = str(len(encoded))
    # Against BREACH: the length of an answer shall not tell how well a guess compressed.
    headers["X-Noise"] = token_urlsafe(randbelow(HttpCompressionMiddleware.max_random_bytes + 1))
    etag = headers.get("ETag", "")
    if etag.startswith('"'):
        headers["ETag"] = f'{etag[:-1]}-{coding}"'


def _restore_etag(response: HttpResponseBase, held: str) -> None:
    """A `304` names the tag that the client holds, encoding and all."""
    etag = response.headers.get("ETag", "")
    if etag and etag not in held:
        marked = re.search(re.escape(etag[:-1]) + _MARK.pattern, held)
        response.headers["ETag"] = marked[0] if marked else etag


def _zstd(body: bytes) -> bytes:
    # Making a compressor costs more than compressing a page of JSON, so each thread keeps one.
    compressor: ZstdCompressor | None = getattr(_reused, "zstd", None)
    if compressor is None:
        compressor = _reused.zstd = ZstdCompressor(level=_ZSTD_LEVEL)
    return compressor.compress(body, ZstdCompressor.FLUSH_FRAME)


def _brotli(body: bytes) -> bytes:
    encoded: bytes = brotli.compress(body, quality=_BROTLI_QUALITY)
    return encoded


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, _GZIP_LEVEL, wbits=31)


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {"zstd": _zstd, "br": _brotli, "gzip": _gzip}
