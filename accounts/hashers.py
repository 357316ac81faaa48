"""Argon2id with parameters from the settings, and never more of it at once than the machine has cores.

Each hash takes 19 MiB and 20 ms of a core. Threads of their own make them, one after the other in the same memory.
Requests wait for them in a short queue, out of the way of those that want no hash; beyond the queue they are turned
away with a `503`: slower answers for everybody would help nobody. Where threads have a niceness of their own, which is
on Linux, a core that is wanted for anything else makes hashes last.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.errors import HashingBusy
from core.lanes import lanes

T = TypeVar("T")
IDLE = 2.0  # seconds after which memory is handed back
NICENESS = 10  # a tenth of a core while somebody else wants all of it


class HashingThreads:
    def __init__(self, threads: int, queue: int) -> None:
        self._places = threading.Semaphore(threads + queue)
        self._missing = [threading.Lock() for _ in range(threads)]
        self._wishes: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()

    def run(self, make: Callable[[], T]) -> T:
        """Make a hash, after waiting for a thread that is free.

        Raises:
            HashingBusy: the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise HashingBusy
        try:
            self._start()
            made: Future[T] = Future()
            self._wishes.put((made, make))
            with lanes.left():
                return made.result()
        finally:
            self._places.release()

    def _start(self) -> None:
        """Begin with the first wish: threads that were there before would not live on in forked workers."""
        for missing in self._missing:
            if missing.acquire(blocking=False):
                threading.Thread(target=self._work, name="hashing", daemon=True).start()

    def _work(self) -> None:
        _stand_back()
        patience: float | None = None
        while True:
            try:
                made, make = self._wishes.get(timeout=patience)
            except Empty:
                _hand_memory_back()
                patience = None
                continue
            patience = IDLE
            try:
                made.set_result(make())
            except Exception as error:
                made.set_exception(error)
            del made, make


def _stand_back() -> None:
    """Let all other threads go first."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _hand_memory_back() -> None:
    """glibc keeps a block that has been freed, which spares the next hash 5,000 page faults, until it is told."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


hashing = HashingThreads(settings.PASSWORD_HASHING_THREADS, settings.PASSWORD_HASHING_QUEUE)


class Argon2idHasher(Argon2PasswordHasher):
    time_cost = settings.ARGON2_TIME_COST
    memory_cost = settings.ARGON2_MEMORY_COST
    parallelism = settings.ARGON2_PARALLELISM

    def encode(self, password: str, salt: str) -> str:
        encode = super().encode
        return hashing.run(lambda: encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        verify = super().verify
        return hashing.run(lambda: verify(password, encoded))
