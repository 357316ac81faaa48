"""Only so many run at once; those who wait make room, and connections stay with their lanes."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from core.lanes import Lanes

TIMEOUT = 10  # seconds


def _run(lanes: Lanes, work: Callable[[], Any]) -> Any:
    with lanes.taken():
        return work()


def test_lanes__all_taken__the_next_waits_for_one_in_its_turn() -> None:
    lanes, release = Lanes(1), threading.Event()
    order: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(_run, lanes, lambda: release.wait(TIMEOUT))
        _until(lambda: not lanes._free)
        others: list[Future[Any]] = []
        for number in range(3):
            others.append(pool.submit(_run, lanes, partial(order.append, number)))
            _until(partial(_are_waiting, lanes, number + 1))
        assert order == []

        release.set()
        assert first.result(TIMEOUT)
        for other in others:
            other.result(TIMEOUT)

    assert order == [0, 1, 2]


def test_left__while_one_waits__another_runs() -> None:
    lanes, other_ran = Lanes(1), threading.Event()

    def waits() -> bool:
        with lanes.left():
            return other_ran.wait(TIMEOUT)

    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(_run, lanes, waits)
        pool.submit(_run, lanes, other_ran.set).result(TIMEOUT)
        assert waiting.result(TIMEOUT)
    assert len(lanes._free) == 1


def test_left__outside_of_lanes__changes_nothing() -> None:
    with Lanes(1).left():
        pass


@pytest.mark.django_db(transaction=True)
def test_connections__many_threads__as_many_as_lanes() -> None:
    lanes = Lanes(1)

    def connected() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return id(connections["default"])

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(_run, lanes, connected) for _ in range(9)]
        assert len({each.result(TIMEOUT) for each in asked}) == 1
    with lanes.taken():
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_left__in_a_transaction__keeps_its_lane_and_connection() -> None:
    lanes = Lanes(1)

    def work() -> None:
        with transaction.atomic():
            mine = connections["default"]
            with lanes.left():
                assert (connections["default"], len(lanes._free)) == (mine, 0)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(_run, lanes, work).result(TIMEOUT)


def _are_waiting(lanes: Lanes, number: int) -> bool:
    return len(lanes._waiting) == number


def _until(condition: Callable[[], bool]) -> None:
    done = threading.Event()
    for _ in range(1000):
        if condition():
            return
        done.wait(0.005)
    raise AssertionError("It did not come to that.")
