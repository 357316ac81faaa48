"""Rows kept rendered: what fits, for how long, and what is put into their holes."""

from datetime import UTC, datetime, timedelta

import orjson
import time_machine

from core.http.kept_rows import KeptRow, KeptRows, array_of, hole, kept_row

ONE, TWO = kept_row(b"1"), kept_row(b"2")


def found(kept: KeptRows, key: object) -> KeptRow | None:
    [row] = kept.find([key])
    return row


def test_array__holes_filled__is_the_json_of_each_row() -> None:
    text = "hole \x00hole\x00 hole"
    row = kept_row(
        orjson.dumps({"a": hole("a", b"0"), "hole": text, "b": hole("b", b"[]"), "c": 1, "again": hole("a", b"0")})
    )

    array = array_of([(row, {"a": b"[1]", "b": b'"x"'}), (row, None), (row, {"a": b"2", "b": b"{}", "c": b"unasked"})])

    assert orjson.loads(orjson.dumps(array)) == [
        {"a": [1], "hole": text, "b": "x", "c": 1, "again": [1]},
        {"a": 0, "hole": text, "b": [], "c": 1, "again": 0},
        {"a": 2, "hole": text, "b": {}, "c": 1, "again": 2},
    ]
    assert orjson.dumps(array_of([])) == b"[]"


def test_array__no_holes__is_the_rows_as_they_are() -> None:
    assert orjson.dumps(array_of([(kept_row(b"{}"), None), (kept_row(b"1"), {"a": b"2"})])) == b"[{},1]"


def test_kept_rows__more_than_fit__the_used_ones_stay() -> None:
    kept = KeptRows(capacity=100)
    for number in range(50):
        kept.keep(number, kept_row(b"%010d" % number))
        assert found(kept, 0) is not None
        assert found(kept, number) == kept_row(b"%010d" % number)

    left = [number for number in range(50) if found(kept, number)]
    assert 0 in left
    assert 49 in left
    assert len(left) <= 10


def test_kept_rows__unused__are_gone_after_a_while() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        kept = KeptRows()
        kept.keep("unused", ONE)
        kept.keep("another", TWO)
    for minutes in (6, 12):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            assert found(kept, "another") == TWO

    assert found(kept, "unused") is None
    assert found(kept, "another") == TWO
    kept.clear()
    assert found(kept, "another") is None
