"""Ringing once for all that ask for the same job within a moment.

A bell says "look now", so one is enough for everything that was committed before it. Not here: what carries it.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic, sleep
from typing import Any

from core import jobs

DELAY = 0.01  # seconds


class Doorbell:
    """Hands bells to `carry` a moment later, from a thread of its own, so that no request waits for a broker.

    It is one thread for good: Celery prepares itself anew in each. A process that ends waits for its bells; one that
    is killed loses them, and sweepers find the work.
    """

    def __init__(self, carry: jobs.Transport, *, delay: float = DELAY) -> None:
        self._carry = carry
        self._delay = delay
        self._rings_at: dict[tuple[str, str], float] = {}
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="doorbell")

    def ring(self, name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
        """Ring soon, unless somebody who asked for the same is still waiting."""
        bell = (name, repr(args))
        with self._lock:
            if bell in self._rings_at:
                return
            self._rings_at[bell] = monotonic() + self._delay
        self._thread.submit(self._hand_on, bell, name, args, headers)

    def _hand_on(self, bell: tuple[str, str], name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
        sleep(max(self._rings_at[bell] - monotonic(), 0.0))
        with self._lock:
            del self._rings_at[bell]  # what is committed from here on asks anew
        jobs.attempt(self._carry, name, args, headers)
