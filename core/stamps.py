"""Stamps: marks in the cache that change whenever something does of which processes hold copies.

Whoever holds a copy keeps beside it the stamp that was current before the rows were read; a copy whose stamp differs
is stale. Every signed-in request reads all stamps along with what it asks the cache anyway, so that looking costs
nothing, and a copy is stale in every process as soon as the change is committed.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction

LOOK_AGAIN = 5.0  # seconds after which a process that serves no requests asks for itself
KEEP = 86_400  # seconds; must outlive every copy


class Stamp:
    """One mark. Values are opaque, and having none is a value like any other."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._value: Any = None
        self._seen_at = float("-inf")
        _stamps[key] = self

    def current(self) -> Any:
        """The value seen last, which is at most `LOOK_AGAIN` seconds old."""
        if monotonic() - self._seen_at > LOOK_AGAIN:
            self.see(cache.get(self.key))
        return self._value

    def see(self, value: Any) -> None:
        self._value, self._seen_at = value, monotonic()

    def change(self) -> None:
        """Make every copy stale when the transaction commits."""
        transaction.on_commit(self._change)

    def _change(self) -> None:
        value = uuid4().hex
        cache.set(self.key, value, KEEP)
        self.see(value)


_stamps: dict[str, Stamp] = {}


def keys() -> tuple[str, ...]:
    """What to read from the cache, for `see`."""
    return tuple(_stamps)


def see(found: Mapping[str, Any]) -> None:
    """Take note of what the cache holds; a key that is missing has no value."""
    for key, stamp in _stamps.items():
        stamp.see(found.get(key))
