"""Rows kept as they were rendered, for what many people read: each version of a row is rendered once.

Whether somebody may read a row is decided by the query that finds it, every time; only its JSON is kept. What differs
from reader to reader, or changes without the row, is left open as a `hole` and filled in for each answer.
"""

import time
from collections.abc import Hashable, Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

import orjson

KEEP_SECONDS = 300
_MARK = b"\x00"  # sets off a hole's name and what is in it; in JSON it would be escaped


class Hole(NamedTuple):
    """Where in a row something stands that can be replaced."""

    name: str
    start: int
    end: int


class KeptRow(NamedTuple):
    """A row's JSON, and its holes in their order."""

    json: bytes
    holes: tuple[Hole, ...]


def hole(name: str, usual: bytes) -> orjson.Fragment:
    """What is rendered in the place of something: `usual` is its JSON where nothing else is put there."""
    return orjson.Fragment(_MARK + name.encode() + _MARK + usual + _MARK)


def kept_row(rendered: bytes) -> KeptRow:
    """A row's JSON, in which its holes have been found."""
    texts, names, usual = (parts := rendered.split(_MARK))[::3], parts[1::3], parts[2::3]
    shown = [part for pair in zip(texts, [*usual, b""], strict=True) for part in pair]
    ends = list(accumulate(map(len, shown)))
    places = zip(names, ends[::2], ends[1::2], strict=False)
    return KeptRow(b"".join(shown), tuple(Hole(name.decode(), start, end) for name, start, end in places))


def array_of(rows: Iterable[tuple[KeptRow, Mapping[str, bytes] | None]]) -> orjson.Fragment:
    """A JSON array of kept rows, each with what belongs into its holes, by name, if that is not the usual."""
    filled = [row.json if values is None else _filled(row, values) for row, values in rows]
    return orjson.Fragment(b"[" + b",".join(filled) + b"]")


def _filled(row: KeptRow, values: Mapping[str, bytes]) -> bytes:
    parts: list[bytes] = []
    at = 0
    for name, start, end in row.holes:
        parts += (row.json[at:start], values[name])
        at = end
    return b"".join([*parts, row.json[at:]])


class KeptRows:
    """The rows used last, `capacity` bytes of them at most, each under what its JSON depends on.

    There are two generations. What is used moves into the younger one, and when that is full or old the elder is
    dropped as a whole, so that whoever is asked goes on without what was not used for `KEEP_SECONDS` twice.
    """

    def __init__(self, capacity: int = 4_000_000) -> None:
        self._half = capacity // 2
        self._elder: dict[Hashable, KeptRow] = {}
        self.clear()

    def find(self, keys: Iterable[Hashable]) -> list[KeptRow | None]:
        """The row of each key that is still kept."""
        if time.time() > self._until:
            self._begin(self._younger)
        younger = self._younger
        return [younger.get(key) or self._kept_on(key) for key in keys]

    def keep(self, key: Hashable, row: KeptRow) -> None:
        size = len(row.json)
        if self._size + size > self._half:
            self._begin(self._younger)
        self._younger[key] = row
        self._size += size

    def clear(self) -> None:
        self._begin({})

    def _kept_on(self, key: Hashable) -> KeptRow | None:
        if (row := self._elder.get(key)) is not None:
            self.keep(key, row)
        return row

    def _begin(self, elder: dict[Hashable, KeptRow]) -> None:
        self._elder, self._younger, self._size = elder, dict[Hashable, KeptRow](), 0
        self._until = time.time() + KEEP_SECONDS


kept_rows = KeptRows()
