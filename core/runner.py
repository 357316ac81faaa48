"""Jobs inside this process, where no broker is configured: a bounded queue, a clock, a few threads.

The same runner serves the ASGI process (`embedded_jobs`) and a process of its own (`manage.py run_jobs`).
Not here: anything durable. A bell that is dropped, or rung in a process without a runner, is found by the sweepers.
"""

import asyncio
import logging
import queue
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Event, Lock
from time import monotonic
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.db import connections

from core import jobs

THREADS = 2
CAPACITY = 1_000  # bells that may wait
TICK = 0.5  # seconds between looks at the clock

_log = logging.getLogger(__name__)


class Bell(NamedTuple):
    name: str
    args: tuple[Any, ...]
    headers: dict[str, str]

    @property
    def key(self) -> tuple[str, str]:
        return self.name, repr(self.args)


class Runner:
    """Runs jobs in threads that call `work()`, until `stop()`; the jobs then running are finished."""

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self._bells: queue.Queue[Bell] = queue.Queue(capacity)
        self._waiting: set[tuple[str, str]] = set()
        self._lock = Lock()
        self._due: dict[str, float] = {}
        self.stopping = Event()

    def ring(self, name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
        """Queue a job, from any thread; one that already waits for the same arguments is enough.

        Raises:
            queue.Full: too many wait.
        """
        bell = Bell(name, args, headers)
        with self._lock:
            if bell.key in self._waiting:
                return
            self._bells.put_nowait(bell)
            self._waiting.add(bell.key)

    @property
    def is_idle(self) -> bool:
        """Nothing waits and nothing runs."""
        return not self._bells.unfinished_tasks

    def tick(self) -> None:
        """Ring for every periodic job whose time has come; at first for all of them."""
        now = monotonic()
        for job in jobs.jobs():
            if job.every is not None and self._due.get(job.name, now) <= now:
                self._due[job.name] = now + job.every.total_seconds()
                jobs.ring(job.name, (), {})

    def work(self) -> None:
        """Run jobs in this thread until the runner stops."""
        try:
            while not self.stopping.is_set():
                self._work_once()
        finally:
            connections.close_all()

    def stop(self) -> None:
        self.stopping.set()

    def _work_once(self) -> None:
        try:
            bell = self._bells.get(timeout=TICK)
        except queue.Empty:
            return
        with self._lock:
            # From here on a new bell is news: this run may already have looked.
            self._waiting.discard(bell.key)
        try:
            jobs.perform(*bell)
        except Exception:
            _log.exception("The job %s failed.", bell.name)
        finally:
            self._bells.task_done()


class _Here:
    """The runner of this process, if it has one."""

    runner: Runner | None = None


def ring(name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
    """The transport: to this process's runner. Without one the bell is lost, and another process sweeps."""
    if _Here.runner is not None:
        _Here.runner.ring(name, args, headers)


@asynccontextmanager
async def embedded_jobs() -> AsyncIterator[None]:
    """Run jobs for the life of the ASGI application.

    The threads belong to the event loop (`sync_to_async`), so that what jobs send to sockets of this process goes
    straight to its loop.
    """
    runner = _Here.runner = Runner()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="jobs") as pool:
        work = sync_to_async(runner.work, thread_sensitive=False, executor=pool)
        tasks = [asyncio.create_task(work()) for _ in range(THREADS)]
        clock = asyncio.create_task(_tick(runner))
        try:
            yield
        finally:
            _Here.runner = None
            runner.stop()
            clock.cancel()
            await asyncio.gather(*tasks)


async def _tick(runner: Runner) -> None:
    while True:
        runner.tick()
        await asyncio.sleep(TICK)


def run_until(stopping: Event) -> None:
    """Run jobs in this process until `stopping` is set, then finish those that run."""
    runner = _Here.runner = Runner()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="jobs") as pool:
        for _ in range(THREADS):
            pool.submit(runner.work)
        while not stopping.wait(TICK):
            runner.tick()
        _Here.runner = None
        runner.stop()
