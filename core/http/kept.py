"""Bodies kept in this process, each under its validator, which names the caller and the version of the data.

Packed, a list of 50 events takes 3 KB and is unpacked sooner than Redis would have sent it.
"""

import sys
import time
from collections.abc import Mapping
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

if sys.version_info >= (3, 14):
    from compression.zstd import compress, decompress
else:
    from backports.zstd import compress, decompress

K = TypeVar("K")

KEEP_SECONDS = 300
_LEVEL = 1  # more would take longer and save nothing


class Kept(NamedTuple):
    """A rendered body; `until` is when it stops being true or is dropped, in seconds since the epoch."""

    tag: str
    headers: Mapping[str, str]
    packed: bytes
    until: float

    @property
    def body(self) -> bytes:
        return decompress(self.packed)


class KeptBodies:
    """The bodies kept last, up to `capacity` bytes of them as they are packed."""

    def __init__(self, capacity: int = 8_000_000) -> None:
        self._capacity, self._size = capacity, 0
        self._kept: dict[str, Kept] = {}
        self._lock = Lock()

    def find(self, validator: str) -> Kept | None:
        kept = self._kept.get(validator)
        return kept if kept is not None and time.time() < kept.until else None

    def keep(self, validator: str, tag: str, body: bytes, headers: Mapping[str, str], changes_at: float | None) -> None:
        """Keep a body until `changes_at`, or for a while."""
        now = time.time()
        until = min(now + KEEP_SECONDS, changes_at or now + KEEP_SECONDS)
        kept = Kept(tag, headers, compress(body, _LEVEL), until)
        with self._lock:
            self._drop(validator)
            self._kept[validator] = kept
            self._size += len(kept.packed)
            while (oldest := next(iter(self._kept))) != validator and self._is_to_go(oldest, now):
                self._drop(oldest)

    def _is_to_go(self, validator: str, now: float) -> bool:
        return self._size > self._capacity or self._kept[validator].until <= now

    def _drop(self, validator: str) -> None:
        if (kept := self._kept.pop(validator, None)) is not None:
            self._size -= len(kept.packed)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0


class Recent(Generic[K]):
    """What this process was asked lately: at least its last `capacity` keys.

    Most clients hold what they read and ask for a body once, so one is looked for, and kept, from the second time on.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._former, self._latest = frozenset[K](), set[K]()

    def has(self, key: K) -> bool:
        """Whether it was asked for before; from now on it was."""
        known = key in self._latest or key in self._former
        if len(self._latest) >= self._capacity:
            self._former, self._latest = frozenset(self._latest), set()
        self._latest.add(key)
        return known


kept_bodies = KeptBodies()
recent = Recent[str]()  # validators
addresses = Recent[int]()
