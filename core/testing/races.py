"""Making things happen at the same time, each in a thread with a database connection of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from threading import Barrier
from typing import TypeVar

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

    with _alone(), ThreadPoolExecutor(len(contenders)) as pool:
        return list(pool.map(run, contenders, timeout=timeout))


@contextmanager
def _alone() -> Iterator[None]:
    """One race at a time on this machine: two of fifty need more connections than PostgreSQL has by default."""
    with (Path(gettempdir()) / "gigvora-race.lock").open("w") as turn:
        locks.lock(turn, locks.LOCK_EX)
        yield


def winners(results: Sequence[R | Exception]) -> list[R]:
    """The results that are no exceptions."""
    return [result for result in results if not isinstance(result, Exception)]


def repeat(action: Callable[[], R], times: int) -> list[Callable[[], R]]:
    """The same contender several times."""
    return [action] * times
