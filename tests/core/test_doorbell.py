"""One bell for many, none lost."""

from threading import Event
from time import monotonic
from typing import Any

import pytest

from core import jobs
from core.doorbell import Doorbell


class Porter:
    """Takes bells, and can wait for the nth."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, tuple[Any, ...], dict[str, str]]] = []

    def carry(self, name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
        self.taken.append((name, args, headers))

    def wait_for(self, count: int) -> None:
        deadline = monotonic() + 5
        while len(self.taken) < count and monotonic() < deadline:
            Event().wait(0.005)


def test_ring__many_for_one_job__is_carried_once_and_for_every_other_job() -> None:
    porter = Porter()
    door = Doorbell(porter.carry, delay=0.1)

    for number in (1, 1, 2, 1):
        door.ring("test.job", (number,), {"trace_id": "a"})
    porter.wait_for(2)

    assert sorted(porter.taken) == [("test.job", (1,), {"trace_id": "a"}), ("test.job", (2,), {"trace_id": "a"})]


def test_ring__after_the_bell_was_carried__rings_again() -> None:
    porter = Porter()
    door = Doorbell(porter.carry, delay=0.01)

    door.ring("test.job", (), {})
    porter.wait_for(1)
    door.ring("test.job", (), {})
    porter.wait_for(2)

    assert porter.taken == [("test.job", (), {})] * 2


def test_ring__broker_refuses__costs_the_caller_nothing_and_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    refused = Event()

    def carry(*bell: Any) -> None:
        refused.set()
        raise ConnectionError

    before = jobs.NOT_ENQUEUED.labels("test.refused")._value.get()
    Doorbell(carry, delay=0.01).ring("test.refused", (), {})

    assert refused.wait(5)
    deadline = monotonic() + 5
    while jobs.NOT_ENQUEUED.labels("test.refused")._value.get() == before and monotonic() < deadline:
        Event().wait(0.005)
    assert jobs.NOT_ENQUEUED.labels("test.refused")._value.get() == before + 1
