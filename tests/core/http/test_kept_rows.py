"""Rows kept rendered: what fits, for how long, and what is put into their holes."""

from datetime import UTC, datetime, timedelta

import orjson
import time_machine

from core.http.kept_rows import KeptRows, array_of, hole, kept_row


def test_array__holes_filled__is_the_json_of_each_row() -> None:
    text = "hole \x00hole\x00 hole"
    row = kept_row(orjson.dumps({"hole": text, "a": hole("a"), "b": hole("b"), "again": hole("a")}))

    array = array_of([(row, {b"a": b"[1]", b"b": b'"x"'}), (row, {b"a": b"2", b"b": b"{}", b"c": b"unasked"})])

    assert orjson.loads(orjson.dumps(array)) == [
        {"hole": text, "a": [1], "b": "x", "again": [1]},
        {"hole": text, "a": 2, "b": {}, "again": 2},
    ]
    assert orjson.dumps(array_of([])) == b"[]"


def test_kept_rows__more_than_fit__the_used_ones_stay() -> None:
    kept = KeptRows(capacity=100)
    for number in range(50):
        kept.keep(number, kept_row(b"%010d" % number))
        assert kept.find(0) is not None
        assert kept.find(number) == (b"%010d" % number,)

    found = [number for number in range(50) if kept.find(number)]
    assert 0 in found
    assert 49 in found
    assert len(found) <= 10


def test_kept_rows__unused__are_gone_after_a_while() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        kept = KeptRows()
        kept.keep("unused", (b"1",))
        kept.keep("another", (b"2",))
    for minutes in (6, 12):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            assert kept.find("another") == (b"2",)

    assert kept.find("unused") is None
    assert kept.find("another") == (b"2",)
    kept.clear()
    assert kept.find("another") is None
