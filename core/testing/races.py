"""Making things happen at the same time, each in a thread with a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from threading import Barrier, Lock
from typing import IO, TypeVar

from django.core.files import locks
from django.db import connections

R = TypeVar("R")


def race(*contenders: Callable[[], R], timeout: float = 60.0) -> Sequence[R | Exception]:
    """Start all contenders at once; each one's result, or the exception it ended with, in the order given.

    The test needs `django_db(transaction=True)`: other connections do not see an open transaction's rows.
    """
    start = Barrier(len(contenders))

    def run(contender: Callable[[], R]) -> R | Exception:
        try:
            start.wait(timeout)
            return contender()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with _turn, ThreadPoolExecutor(len(contenders)) as pool:
        return list(pool.map(run, contenders, timeout=timeout))


class _Turn:
    """One process races at a time on this machine: two of fifty threads need more connections than PostgreSQL has by
    default. Races within a process do not wait for each other, as one may go on until another has ended.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._racing, self._guard = path, 0, Lock()
        self._file: IO[str] | None = None

    def __enter__(self) -> None:
        with self._guard:
            if not self._racing:
                self._file = self._path.open("w")
                locks.lock(self._file, locks.LOCK_EX)
            self._racing += 1

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._racing -= 1
            if not self._racing and self._file is not None:
                self._file.close()


_turn = _Turn(Path(gettempdir()) / "gigvora-race.lock")


def winners(results: Sequence[R | Exception]) -> list[R]:
    """The results that are no exceptions."""
    return [result for result in results if not isinstance(result, Exception)]


def repeat(action: Callable[[], R], times: int) -> list[Callable[[], R]]:
    """The same contender several times."""
    return [action] * times
