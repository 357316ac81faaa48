"""Ringing once for all that ask for the same job within a moment.

A bell says "look now", so one is enough for everything that was committed before it. Not here: what carries it.
"""

from threading import Lock, Timer
from time import monotonic
from typing import Any

from core import jobs

DELAY = 0.01  # seconds


class Doorbell:
    """Hands bells to `carry` a moment later, from a thread of its own, so that no request waits for a broker.

    A process that ends waits for its bells. One that is killed loses them, and sweepers find the work.
    """

    def __init__(self, carry: jobs.Transport, *, delay: float = DELAY) -> None:
        self._carry = carry
        self._delay = delay
        self._rings_at: dict[tuple[str, str], float] = {}
        self._lock = Lock()

    def ring(self, name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
        """Ring soon, unless somebody who asked for the same is still waiting."""
        bell = (name, repr(args))
        with self._lock:
            now = monotonic()
            if self._rings_at.get(bell, now) > now:
                return
            self._rings_at[bell] = now + self._delay
        Timer(self._delay, self._hand_on, (bell, name, args, headers)).start()

    def _hand_on(self, bell: tuple[str, str], name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
        with self._lock:
            self._rings_at.pop(bell, None)  # what is committed from here on asks anew
        jobs.attempt(self._carry, name, args, headers)
