"""How many of granian's threads take requests: two, and another one for each that waits for a body.

granian gives a body to no other thread than the one it called, so a slow sender keeps that thread. It begins another
one whenever a request finds none idle, up to its limit, and has no way to tell one that it is too many. Such a thread
rests inside of the call that it has just answered, until somebody else has to wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore, get_ident
from time import monotonic

IDLE_TIMEOUT = 600  # seconds after which granian ends a thread that had nothing to do; it allows no more
_MARGIN = 10  # seconds


class Crew:
    """The threads of one worker. `size` of them are there, resting ones are called, and ended ones are not counted."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._there: dict[int, float] = {}  # by id, when each was last seen
        self._resting = 0
        self._guard = Lock()
        self._called = Semaphore(0)

    def rest(self) -> None:
        """Go back to granian, later if enough others are there. Whoever was to be answered must have been."""
        with self._guard:
            self._there[get_ident()] = monotonic()
            if len(self._there) > self._size:
                self._forget_ended()
            if len(self._there) <= self._size:
                return
            del self._there[get_ident()]
            self._resting += 1
        self._called.acquire()
        self._come()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for somebody else. Whoever would leave nobody there calls another thread, as most waits are short."""
        with self._guard:
            self._there.pop(get_ident(), None)
            self._forget_ended()
            is_missed = self._resting > 0 and not self._there
            self._resting -= is_missed
        if is_missed:
            self._called.release()
        try:
            yield
        finally:
            self._come()

    def _come(self) -> None:
        with self._guard:
            self._there[get_ident()] = monotonic()

    def _forget_ended(self) -> None:
        """A thread that goes on nevertheless is known again from its next request."""
        ended = monotonic() - IDLE_TIMEOUT + _MARGIN
        self._there = {thread: seen for thread, seen in self._there.items() if seen > ended}
