"""Catching the jobs that a test enqueues, instead of handing them to a broker.

As a pytest plugin it does so for every test; a test that cares takes the fixture `enqueued_jobs`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import override_settings

from core import jobs


@dataclass
class CapturedJobs:
    """What was enqueued, in order. Where a test's transaction never commits, ask pytest-django's
    `django_capture_on_commit_callbacks(execute=True)` to commit a block as far as jobs are concerned.
    """

    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def ring(self, name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
        self.calls.append((name, args))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def run(self, *, times: int = 2) -> None:
        """Run what was enqueued, and what that enqueues in turn; each twice, since every job must bear it."""
        while self.calls:
            name, args = self.calls.pop(0)
            for _ in range(times):
                jobs.run(name, *args)


_captured = CapturedJobs()


def ring(name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
    """The transport of tests."""
    _captured.ring(name, args, headers)


@pytest.fixture(autouse=True)
def enqueued_jobs() -> Iterator[CapturedJobs]:
    """The jobs enqueued by this test."""
    _captured.calls.clear()
    with override_settings(JOB_TRANSPORT=f"{__name__}.ring"):
        yield _captured
