"""Background work: declared once, enqueued by name when the transaction commits.

A job takes ids, is safe to run twice, and is only a doorbell: what must happen is a row first, and a sweeper
finds what a lost doorbell missed.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from celery import current_app, shared_task
from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")

schedule: dict[str, timedelta] = {}


def job(*, name: str, every: timedelta | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a job in `<app>/tasks.py`. `every` also runs it periodically, without arguments."""

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        shared_task(name=name)(function)
        if every is not None:
            schedule[name] = every
        return function

    return declare


def enqueue(name: str, *args: Any) -> None:
    """Run the named job after the current transaction commits, or at once outside of one."""
    transaction.on_commit(lambda: current_app.send_task(name, args=args))
