"""What the strict JSON parser takes, and each thing it refuses with its own explanation."""

import io
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PayloadTooLarge
from core.http.parsers import MalformedJson, StrictJSONParser, parse_json

REFUSED = {
    "empty": (b"", "not valid JSON: Expecting value at line 1, column 1."),
    "NUL in a string": (rb'{"title": "a\u0000b"}', "contains a NUL character"),
    "NUL in a key": (rb'{"a\u0000b": 1}', "contains a NUL character"),
    "NUL deep inside": (rb'{"a": [{"b": ["\u0000"]}]}', "contains a NUL character"),
    "raw NUL": (b'{"a": "\x00"}', "Invalid control character"),
    "lone high surrogate": (rb'{"a": "\ud800"}', "half of a surrogate pair"),
    "lone low surrogate": (rb'["\uDC00"]', "half of a surrogate pair"),
    "surrogate in a key": (rb'{"\ud83d": 1}', "half of a surrogate pair"),
    "surrogates in the wrong order": (rb'"\ude00\ud83d"', "half of a surrogate pair"),
    "surrogate as raw bytes": (b'"\xed\xa0\x80"', "not UTF-8 at byte 1"),
    "duplicate key": (b'{"a": 1, "b": 2, "a": 3}', 'The name "a" stands twice'),
    "duplicate key inside": (b'{"x": [{"a": 1, "a": 1}]}', 'The name "a" stands twice'),
    "duplicate key by escape": (rb'{"a": 1, "\u0061": 2}', 'The name "a" stands twice'),
    "NaN": (b'{"a": NaN}', "NaN is not a JSON value"),
    "Infinity": (b"[Infinity]", "Infinity is not a JSON value"),
    "-Infinity": (b"[-Infinity]", "-Infinity is not a JSON value"),
    "1e400": (b'{"a": 1e400}', "too large to represent"),
    "-1e400": (b'{"a": -1e400}', "too large to represent"),
    "2^63": (b"[9223372036854775808]", "integer beyond 64 bits"),
    "-2^63-1": (b"[-9223372036854775809]", "integer beyond 64 bits"),
    "5000 digits": (b"[" + b"9" * 5000 + b"]", "integer beyond 64 bits"),
    "65 levels": (b"[" * 65 + b"]" * 65, "deeper than 64 levels"),
    "100k levels": (b"[" * 100_000 + b"]" * 100_000, "deeper than 64 levels"),
    "100k levels of objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "deeper than 64 levels"),
    "trailing garbage": (b'{"a": 1} x', "Extra data at line 1, column 10."),
    "two documents": (b"{}{}", "Extra data"),
    "trailing comma": (b'{"a": 1,}', "not valid JSON"),
    "single quotes": (b"{'a': 1}", "not valid JSON"),
    "leading zero": (b"[01]", "not valid JSON"),
    "byte order mark": (b'\xef\xbb\xbf{"a": 1}', "byte order mark"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "not UTF-8 at byte 0"),
    "UTF-16 without a mark": ('{"a": 1}'.encode("utf-16-le"), "not valid JSON"),
    "latin-1": ('{"a": "é"}'.encode("latin-1"), "not UTF-8 at byte 7"),
}


@pytest.mark.parametrize(("body", "detail"), REFUSED.values(), ids=REFUSED.keys())
def test_parse_json__malformed__refused_with_its_reason(body: bytes, detail: str) -> None:
    with pytest.raises(MalformedJson) as refused:
        parse_json(body)

    assert detail in refused.value.message
    assert (refused.value.status, refused.value.code) == (400, "malformed_json")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'{"a": "\\u0000"}', {"a": "\\u0000"}),  # an escaped backslash, not an escape
        (rb'"\\ud800"', "\\ud800"),
        (rb'"\ud83d\ude00"', "😀"),
        ('"😀é"'.encode(), "😀é"),
        (b"[9223372036854775807, -9223372036854775808, 0]", [2**63 - 1, -(2**63), 0]),
        (b"[1.5, 1e308, -0.0]", [1.5, 1e308, -0.0]),
        (b"[" * 64 + b"]" * 64, json.loads("[" * 64 + "]" * 64)),
        (b'[{"a": 1}, {"a": 2}]' + b" \n", [{"a": 1}, {"a": 2}]),
        (b"[" + b"{}," * 99 + b"{}]", [{}] * 100),
        (b" null ", None),
    ],
)
def test_parse_json__well_formed__parsed(body: bytes, value: Any) -> None:
    assert parse_json(body) == value


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=1)), inner),
    )
)
def test_parse_json__anything_we_could_send__comes_back(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_parse_json__random_bytes__nothing_but_malformed_json(body: bytes) -> None:
    with suppress(MalformedJson):
        parse_json(body)


def test_parser__body_at_the_limit__parsed() -> None:
    assert len(StrictJSONParser().parse(io.BytesIO(b'"' + b"a" * 999_998 + b'"'))) == 999_998


def test_parser__body_over_the_limit__too_large() -> None:
    with pytest.raises(PayloadTooLarge) as refused:
        StrictJSONParser().parse(io.BytesIO(b'"' + b"a" * 999_999 + b'"'))

    assert refused.value.message == "JSON bodies may have 1,000,000 bytes."
