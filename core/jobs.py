"""Background work: declared once, enqueued by name when the transaction commits.

A job takes ids, is safe to run twice, and is only a doorbell: what must happen is a row first, and a sweeper
finds what a lost doorbell missed. Not here: what carries the bell, which is Celery (`config/celery.py`) or the
runner inside the process (`core/runner.py`).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils.module_loading import import_string
from prometheus_client import Counter

from core import context

P = ParamSpec("P")
R = TypeVar("R")
Transport = Callable[[str, tuple[Any, ...], dict[str, str]], None]

NOT_ENQUEUED = Counter("gigvora_jobs_not_enqueued", "Jobs that the broker did not take; sweepers find them.", ("job",))

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    run: Callable[..., object]
    every: timedelta | None


_jobs: dict[str, Job] = {}


def job(*, name: str, every: timedelta | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a job in `<app>/tasks.py`. `every` also runs it periodically, without arguments."""

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        known = _jobs.get(name)
        if known is not None and known.run.__module__ != function.__module__:
            raise ValueError(f"Two jobs are called {name!r}.")
        _jobs[name] = Job(name, function, every)
        return function

    return declare


def jobs() -> tuple[Job, ...]:
    """Every declared job, by name."""
    return tuple(_jobs[name] for name in sorted(_jobs))


def enqueue(name: str, *args: Any) -> None:
    """Run the named job after the current transaction commits, or at once outside of one.

    A broker that is down costs the caller no error and no wait; the job's sweeper finds the work later.
    """
    transaction.on_commit(partial(ring, name, args, headers()))


def ring(name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
    """Hand a job to the transport, whatever happens to it."""
    attempt(_transport(settings.JOB_TRANSPORT), name, args, headers)


def attempt(transport: Transport, name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
    """Hand a job to one transport; that it cannot take it is counted and no error."""
    try:
        transport(name, args, headers)
    except Exception:
        NOT_ENQUEUED.labels(name).inc()
        _log.warning("Could not enqueue %s; its sweeper will find the work.", name, exc_info=True)


def perform(name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
    """Run a job here and now, under the trace of whoever enqueued it, on connections that are alive."""
    bound = context.Context(trace_id=headers.get("trace_id") or context.new_trace_id())
    close_old_connections()
    try:
        with context.scope(bound):
            run(name, *args)
    finally:
        close_old_connections()


def run(name: str, *args: Any) -> None:
    """Run a job in the caller's thread and context."""
    _jobs[name].run(*args)


def headers() -> dict[str, str]:
    """What a job inherits from the work that enqueued it."""
    return {"trace_id": context.current().trace_id}


@cache
def _transport(path: str) -> Transport:
    """Loaded on the first bell: Celery takes 0.3 s to import, which a web process need not pay to start."""
    transport: Transport = import_string(path)
    return transport
