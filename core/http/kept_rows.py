"""Rows kept as they were rendered, for what many people read: each version of a row is rendered once.

Whether somebody may read a row is decided by the query that finds it, every time; only its JSON is kept. What differs
from reader to reader, or changes without the row, is left open as a `hole` and filled in for each answer.
"""

import time
from collections.abc import Hashable, Iterable, Mapping

import orjson

KEEP_SECONDS = 300
_MARK = b"\x00"  # begins and ends a hole, and stands in no JSON: there it would be escaped
KeptRow = tuple[bytes, ...]


def hole(name: str) -> orjson.Fragment:
    """What is rendered where the JSON of something will be put."""
    return orjson.Fragment(_MARK + name.encode() + _MARK)


def kept_row(body: bytes) -> KeptRow:
    """A row's JSON, taken apart at its holes."""
    return tuple(body.split(_MARK))


def array_of(rows: Iterable[tuple[KeptRow, Mapping[bytes, bytes]]]) -> orjson.Fragment:
    """A JSON array of kept rows, each with what belongs into its holes, by name."""
    filled = (b"".join([values.get(part, part) for part in row]) for row, values in rows)
    return orjson.Fragment(b"[" + b",".join(filled) + b"]")


class KeptRows:
    """The rows used last, `capacity` bytes of them at most, each under what its JSON depends on.

    There are two generations. What is used moves into the younger one, and when that is full or old the elder is
    dropped as a whole, so that whoever is asked goes on without what was not used for `KEEP_SECONDS` twice.
    """

    def __init__(self, capacity: int = 4_000_000) -> None:
        self._half = capacity // 2
        self._elder: dict[Hashable, KeptRow] = {}
        self.clear()

    def find(self, key: Hashable) -> KeptRow | None:
        if time.time() > self._until:
            self._begin(self._younger)
        row = self._younger.get(key)
        if row is None and (row := self._elder.get(key)) is not None:
            self.keep(key, row)
        return row

    def keep(self, key: Hashable, row: KeptRow) -> None:
        size = sum(map(len, row))
        if self._size + size > self._half:
            self._begin(self._younger)
        self._younger[key] = row
        self._size += size

    def clear(self) -> None:
        self._begin({})

    def _begin(self, elder: dict[Hashable, KeptRow]) -> None:
        self._elder, self._younger, self._size = elder, dict[Hashable, KeptRow](), 0
        self._until = time.time() + KEEP_SECONDS


kept_rows = KeptRows()
