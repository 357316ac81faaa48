"""Argon2id with parameters from the settings, and never more of it at once than the machine has cores.

Each hash takes 19 MiB and 13 ms of a core. Threads of their own make them. Requests wait for them in a short queue, out
of the way of those that want no hash; beyond the queue they are turned away with a `503`: slower answers for everybody
would help nobody. Where threads have a niceness of their own, which is on Linux, a core that is wanted for anything
else makes hashes last.
"""

import os
import sys
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

from accounts.errors import HashingBusy
from core.lanes import patient_lanes

T = TypeVar("T")
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
            with patient_lanes.left():
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
        while True:
            made, make = self._wishes.get()
            try:
                made.set_result(make())
            except Exception as error:
                made.set_exception(error)
            del made, make


def _stand_back() -> None:
    """Let all other threads go first."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


hashing = HashingThreads(settings.PASSWORD_HASHING_THREADS, settings.PASSWORD_HASHING_QUEUE)


class Argon2idHasher(Argon2PasswordHasher):
    """Django's hasher and its format, computed by libsodium: its vector instructions take half the time."""

    time_cost = settings.ARGON2_TIME_COST
    memory_cost = settings.ARGON2_MEMORY_COST
    parallelism = settings.ARGON2_PARALLELISM
    salt_entropy = 95  # bits: sixteen letters and digits, for libsodium takes no other number

    def encode(self, password: str, salt: str) -> str:
        return hashing.run(lambda: self._encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        return hashing.run(lambda: self._verify(password, encoded))

    def _encode(self, password: str, salt: str) -> str:
        if self.parallelism != 1 or len(salt.encode()) != argon2id.SALTBYTES:
            return super().encode(password, salt)
        digest = argon2id.kdf(32, password.encode(), salt.encode(), self.time_cost, self.memory_cost * 1024)
        costs = f"m={self.memory_cost},t={self.time_cost},p=1"
        return f"{self.algorithm}$argon2id$v=19${costs}${_base64(salt.encode())}${_base64(digest)}"

    def _verify(self, password: str, encoded: str) -> bool:
        hashed = "$" + encoded.partition("$")[2]
        if not hashed.startswith("$argon2id$"):
            return super().verify(password, encoded)
        try:
            return argon2id.verify(hashed.encode(), password.encode())
        except InvalidkeyError:
            return False


def _base64(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")
