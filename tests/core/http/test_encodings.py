"""Encodings together with what views make of requests: tags, replays, limits."""

import gzip
import json
from typing import Any

import pytest
from backports import zstd
from django.test import Client

from tests.core.http.wiring import Caller, people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.http.people")]


def test_list__compressed_tag_sent_back__not_modified_until_something_changes() -> None:
    people(*(f"Person {number}" for number in range(20)))
    caller = Caller()

    plain = caller.get("/v1/people?limit=20")
    packed = caller.get("/v1/people?limit=20", accept_encoding="zstd")
    again = caller.get("/v1/people?limit=20", accept_encoding="zstd", if_none_match=packed["ETag"])
    people("Somebody New")
    later = caller.get("/v1/people?limit=21", accept_encoding="zstd", if_none_match=packed["ETag"])

    assert packed["Content-Encoding"] == "zstd"
    assert zstd.decompress(packed.content) == plain.content
    assert packed["ETag"] == plain["ETag"][:-1] + '-zstd"'
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", packed["ETag"])
    assert later.status_code == 200


def test_create__compressed_and_repeated__replayed() -> None:
    body = {"full_name": "Ada"}

    def create() -> Any:
        return Client().post(
            "/v1/people",
            gzip.compress(json.dumps(body).encode()),
            content_type="application/json",
            headers={**caller.headers, "content-encoding": "gzip", "idempotency-key": "k-1"},
        )

    caller = Caller()
    first, second = create(), create()

    assert (first.status_code, second.status_code) == (201, 201), first.content
    assert second["Idempotent-Replayed"] == "true"
    assert second.content == first.content
