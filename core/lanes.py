"""How many requests run in a process at once, and who makes room for others.

Threads that compute fight over the interpreter lock, so no more requests run than there are lanes; the others wait
for one. Requests that may have to wait for a hash have a lane of their own, which they leave to each other meanwhile.
Connections to the database belong to lanes and not to threads: however many threads wait, there are no more of them.
Not here: who comes in (`config/wsgi.py`), and by which thread (`config/threads.py`).
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock, local
from typing import Any

from django.db import connections

LANES, PATIENT_LANES = 2, 1
Lane = dict[str, Any]  # its connections, by alias


class Lanes:
    def __init__(self, number: int) -> None:
        self._free: list[Lane] = [{} for _ in range(number)]
        self._waiting: deque[SimpleQueue[Lane]] = deque()
        self._guard = Lock()
        self._here = local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Run in a lane, after waiting for one."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def left(self) -> Iterator[None]:
        """Wait here without being in anybody's way. Outside of lanes, or in a transaction, there is none to leave."""
        if not self._is_in_lane or any(each.in_atomic_block for each in connections.all(initialized_only=True)):
            yield
            return
        self._leave()
        try:
            yield
        finally:
            self._enter()

    @property
    def _is_in_lane(self) -> bool:
        return getattr(self._here, "lane", None) is not None

    def _enter(self) -> None:
        lane = self._here.lane = self._next_free()
        for alias, connection in lane.items():
            connections[alias] = connection

    def _leave(self) -> None:
        lane, self._here.lane = self._here.lane, None
        for connection in connections.all(initialized_only=True):
            if not connection.allow_thread_sharing:
                connection.inc_thread_sharing()
            lane[connection.alias] = connection
            del connections[connection.alias]
        with self._guard:
            if self._waiting:
                self._waiting.popleft().put(lane)
            else:
                self._free.append(lane)

    def _next_free(self) -> Lane:
        """Who came first goes first."""
        with self._guard:
            if self._free:
                return self._free.pop()
            place: SimpleQueue[Lane] = SimpleQueue()
            self._waiting.append(place)
        return place.get()


lanes, patient_lanes = Lanes(LANES), Lanes(PATIENT_LANES)
