"""Answers are compressed as the client asks, and their tags tell the encodings apart."""

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import brotli
import pytest
from backports import zstd
from django.test import Client

from core.http.compression import _zstd

pytestmark = pytest.mark.urls("tests.core.http.urls")

DECODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
    "": bytes,
}
PLAIN = b'"' + b"gigvora " * 625 + b'"'


def get(encodings: str = "", path: str = "/v1/tagged", **headers: str) -> Any:
    return Client().get(path, headers={"accept-encoding": encodings, **headers})


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0", ""),
        ("identity", ""),
        ("deflate", ""),
        ("", ""),
        pytest.param("x" * 5000, "", id="endless"),
    ],
)
def test_answer__by_accept_encoding__compressed(asked: str, given: str) -> None:
    answer = get(asked)

    assert answer.headers.get("Content-Encoding", "") == given
    assert DECODE[given](answer.content) == PLAIN
    assert answer.headers["Vary"] == "Origin, Accept-Encoding"
    assert answer.headers["ETag"] == (f'"abc-{given}"' if given else '"abc"')
    if given:
        assert len(answer.content) < 500
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert "X-Noise" in answer.headers


@pytest.mark.parametrize("size", [0, 900])
def test_answer__small__left_alone(size: int) -> None:
    answer = get("zstd", f"/v1/tagged?size={size}")

    assert "Content-Encoding" not in answer.headers
    assert answer.headers["ETag"] == '"abc"'
    assert answer.headers["Vary"] == "Origin, Accept-Encoding"


@pytest.mark.parametrize(
    ("kind", "compressed"),
    [
        ("application/json", True),
        ("application/problem+json", True),
        ("application/x-protobuf", True),
        ("text/calendar; charset=utf-8", True),
        ("application/vnd.oai.openapi+json", True),
        ("image/svg%2Bxml", True),
        ("image/webp", False),
        ("application/zip", False),
        ("application/octet-stream", False),
    ],
)
def test_answer__by_type__compressed_where_it_helps(kind: str, compressed: bool) -> None:
    answer = get("br", f"/v1/tagged?type={kind.replace('+', '%2B')}")

    assert ("Content-Encoding" in answer.headers) is compressed


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_tag__of_an_encoding__sent_back_gives_not_modified(coding: str) -> None:
    tag = get(coding).headers["ETag"]

    answer = get(coding, **{"if-none-match": tag})

    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["ETag"] == tag
    assert answer.headers["Vary"] == "Origin, Accept-Encoding"


def test_tag__plain_one_sent_back__not_modified_under_the_plain_tag() -> None:
    answer = get("gzip", **{"if-none-match": '"abc"'})

    assert (answer.status_code, answer.headers["ETag"]) == (304, '"abc"')


def test_tag__in_if_match__reaches_the_view_as_it_made_it() -> None:
    answer = Client().patch("/v1/tagged", headers={"if-match": '"abc-br", W/"x-y-zstd"'})

    assert json.loads(answer.content) == {"if_match": '"abc", W/"x-y"'}


def test_zstd__from_many_threads__every_frame_whole() -> None:
    bodies = [bytes([n % 256]) * (2000 + n) for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        frames = list(pool.map(_zstd, bodies))

    assert [zstd.decompress(frame) for frame in frames] == bodies
