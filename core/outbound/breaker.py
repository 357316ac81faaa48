"""Leaving a peer alone that keeps failing, so that waiting for it does not become our own failure.

From its first failure on, a peer is called by one caller at a time, so that it holds one thread of ours and not all
of them. After some failures in a row it is not called for a while at all.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic

FAILURES = 3  # in a row
PAUSE = 10.0  # seconds until one caller may try again
BUSY = 1.0  # seconds until a caller may ask again who finds another one trying
_MOST_PEERS = 1000


@dataclass(slots=True)
class _Suspect:
    failures: int = 0
    alone_until: float = 0.0
    is_tried: bool = False


class Breaker:
    """What is known of the peers whose last call failed; of all others nothing is."""

    def __init__(self) -> None:
        self._suspects: OrderedDict[str, _Suspect] = OrderedDict()
        self._lock = Lock()

    def enter(self, peer: str) -> float:
        """Seconds for which `peer` is to be left alone; 0 where the caller may call, and then has to `leave`."""
        with self._lock:
            suspect = self._suspects.get(peer)
            if suspect is None:
                return 0.0
            if suspect.is_tried:
                return BUSY
            left = suspect.alone_until - monotonic()
            if left > 0:
                return left
            suspect.is_tried = True
            return 0.0

    def leave(self, peer: str, *, has_failed: bool) -> None:
        with self._lock:
            suspect = self._suspects.pop(peer, None)
            if not has_failed:
                return
            failures = (suspect.failures if suspect else 0) + 1
            pause = monotonic() + PAUSE if failures >= FAILURES else 0.0
            self._suspects[peer] = _Suspect(failures, pause)
            if len(self._suspects) > _MOST_PEERS:
                self._suspects.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._suspects.clear()
