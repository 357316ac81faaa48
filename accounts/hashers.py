"""Argon2id with parameters from the settings, and never more of it at once than the machine has cores.

Each hash takes 19 MiB and 19 ms of one core. Beyond the slots callers wait in a short queue, and beyond the queue
they are turned away with a `503`: slower answers for everybody would help nobody.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.errors import HashingBusy


class HashingSlots:
    def __init__(self, slots: int, queue: int) -> None:
        self._slots = threading.Semaphore(slots)
        self._places = threading.Semaphore(slots + queue)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a slot, after waiting for one.

        Raises:
            HashingBusy: the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise HashingBusy
        try:
            with self._slots:
                yield
        finally:
            self._places.release()


slots = HashingSlots(settings.PASSWORD_HASHING_SLOTS, settings.PASSWORD_HASHING_QUEUE)


class Argon2idHasher(Argon2PasswordHasher):
    time_cost = settings.ARGON2_TIME_COST
    memory_cost = settings.ARGON2_MEMORY_COST
    parallelism = settings.ARGON2_PARALLELISM

    def encode(self, password: str, salt: str) -> str:
        with slots.take():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with slots.take():
            return super().verify(password, encoded)
