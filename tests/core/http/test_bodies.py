"""Compressed and chunked bodies are read like plain ones; hostile ones stop early and cost little."""

import gzip
import io
import json
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import brotli
import pytest
from backports import zstd
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, RequestFactory

from core.errors import LengthRequired, PayloadTooLarge
from core.http.bodies import Brotli, CorruptBody, Decoder, Gzip, Zstd, decode, prepare_body
from tests.core.http.urls import Echo

pytestmark = pytest.mark.urls("tests.core.http.urls")

BODY = {"title": "Besprechung für später 😀", "numbers": list(range(500))}
PLAIN = json.dumps(BODY).encode()
CODINGS: dict[str, tuple[Callable[[bytes], bytes], type[Decoder]]] = {
    "gzip": (gzip.compress, Gzip),
    "br": (partial(brotli.compress, quality=4), Brotli),
    "zstd": (zstd.compress, Zstd),
}
every_coding = pytest.mark.parametrize("coding", CODINGS)


def post(body: bytes, coding: str, **headers: str) -> Any:
    return Client(raise_request_exception=False).post(
        "/v1/echo", body, content_type="application/json", headers={"content-encoding": coding, **headers}
    )


@pytest.mark.parametrize("coding", [*CODINGS, "GZIP", "identity", ""])
def test_body__encoded__read_as_if_plain(coding: str) -> None:
    encode = CODINGS[coding.lower()][0] if coding.lower() in CODINGS else bytes

    answer = post(encode(PLAIN), coding)

    assert answer.status_code == 200
    assert answer.json() == {"got": BODY}


@pytest.mark.parametrize("coding", ["deflate", "gzip, br", "gzip,gzip", "compress", "zip", "*", "gzip;q=1", "é"])
def test_body__unknown_or_stacked_encoding__unsupported_and_told_what_is(coding: str) -> None:
    answer = post(gzip.compress(PLAIN), coding)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.json()["detail"] == "Request bodies may be encoded as one of zstd, br, gzip."
    assert answer.headers["Accept-Encoding"] == "zstd, br, gzip"


@every_coding
@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-3],
        lambda body: body[: len(body) // 2],
        lambda body: body + b"more",
        lambda body: body + body,
        lambda body: b"\x00\xff" + body,
        lambda body: PLAIN,
    ],
    ids=["cut", "halved", "trailed", "doubled", "prefixed", "plain"],
)
def test_body__corrupt__bad_request(coding: str, spoil: Callable[[bytes], bytes]) -> None:
    answer = post(spoil(CODINGS[coding][0](PLAIN)), coding)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


def test_body__flipped_bit_in_a_checksum__bad_request() -> None:
    encoded = bytearray(gzip.compress(PLAIN))
    encoded[-6] ^= 1

    assert post(bytes(encoded), "gzip").json()["code"] == "malformed_body"


@every_coding
def test_body__over_the_json_limit_once_decoded__too_large(coding: str) -> None:
    answer = post(CODINGS[coding][0](b'"' + b"a" * 1_000_000 + b'"'), coding)

    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


@every_coding
def test_decode__bomb__stops_at_the_limit_with_little_memory(coding: str) -> None:
    encode, decoder = CODINGS[coding]
    bomb = encode(b"\0" * 60_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLarge):
            decode(io.BytesIO(bomb), decoder(), 1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert len(bomb) < 100_000
    assert peak < 12_000_000


def test_decode__endless_input_without_output__stops_at_the_limit() -> None:
    empty_block = b"\x00\x00\x00\xff\xff"
    start = zlib.compressobj(wbits=31)
    endless = start.compress(b"") + start.flush(zlib.Z_SYNC_FLUSH) + empty_block * 100_000

    with pytest.raises(PayloadTooLarge):
        decode(io.BytesIO(endless), Gzip(), 100_000)


def test_decode__zstd_window_beyond_8_mb__refused() -> None:
    greedy = zstd.compress(b"a" * 40_000_000, options={zstd.CompressionParameter.window_log: 25})

    with pytest.raises(zstd.ZstdError):
        decode(io.BytesIO(greedy), Zstd(), 50_000_000)


@every_coding
def test_decode__byte_by_byte__whole(coding: str) -> None:
    encode, decoder = CODINGS[coding]

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1)

    assert decode(Slow(encode(PLAIN)), decoder(), 1_000_000) == PLAIN


def test_prepare__body_nobody_reads__not_decoded() -> None:
    request = RequestFactory().post("/", b"not gzip", content_type="application/json", HTTP_CONTENT_ENCODING="gzip")

    prepare_body(request)

    with pytest.raises(CorruptBody):
        request.read()


def chunked(body: bytes, content_type: Any = "application/json", **environ: Any) -> WSGIRequest:
    """What a server hands over for `Transfer-Encoding: chunked`."""
    request = RequestFactory().post("/", content_type=content_type, **environ)
    del request.META["CONTENT_LENGTH"]
    request.META |= {"wsgi.input": io.BytesIO(body), "HTTP_TRANSFER_ENCODING": "chunked"}
    return request


def test_prepare__chunked__gets_a_length() -> None:
    request = chunked(PLAIN, **{"wsgi.input_terminated": True})

    prepare_body(request)

    assert request.META["CONTENT_LENGTH"] == str(len(PLAIN))
    assert request.body == PLAIN


def test_prepare__chunked_and_compressed__decoded() -> None:
    request = chunked(gzip.compress(PLAIN), HTTP_CONTENT_ENCODING="gzip", **{"wsgi.input_terminated": True})

    prepare_body(request)

    assert request.body == PLAIN


def test_prepare__chunked_without_end__refused() -> None:
    with pytest.raises(PayloadTooLarge):
        prepare_body(chunked(b"a" * 5_000_001, **{"wsgi.input_terminated": True}))


@pytest.mark.parametrize(
    "form", ["application/x-www-form-urlencoded; charset=utf-8", "multipart/form-data; boundary=b"]
)
def test_prepare__chunked_form__refused_as_nobody_would_see_it_cut_short(form: str) -> None:
    with pytest.raises(LengthRequired):
        prepare_body(chunked(b"new_password=x", form, **{"wsgi.input_terminated": True}))


def test_prepare__form_without_anything__needs_no_length() -> None:
    request = chunked(b"", "application/x-www-form-urlencoded", **{"wsgi.input_terminated": True})

    prepare_body(request)

    assert request.META["CONTENT_LENGTH"] == "0"


def test_prepare__server_that_marks_no_end__not_read() -> None:
    request = chunked(PLAIN)

    prepare_body(request)

    assert "CONTENT_LENGTH" not in request.META


@pytest.mark.parametrize("length", ["5", "-5", "abc", ""])
def test_body__content_length_that_is_not_true__bad_request(length: str) -> None:
    answer = Client(raise_request_exception=False).post(
        "/v1/orders", b'{"title": "a', content_type="application/json", CONTENT_LENGTH=length
    )

    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_body__shorter_than_announced__refused_though_it_is_json() -> None:
    request: Any = RequestFactory().generic("POST", "/v1/echo", b'{"a": 1}', "application/json", CONTENT_LENGTH="300")
    request._stream = io.BytesIO(b'{"a": 1}')  # past the test client's own stream, which would complain first

    answer = Echo.as_view()(request)

    assert answer.status_code == 400
    assert json.loads(answer.content)["detail"] == "The request body is shorter than its Content-Length."
