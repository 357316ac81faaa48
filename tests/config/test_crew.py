"""Threads that are too many rest, and are called when somebody has to wait; never do all of them rest."""

from threading import Event, Thread
from time import monotonic

import pytest

from config import crew
from config.crew import Crew

TIMEOUT, MOMENT = 5, 0.2  # seconds


class Member:
    """A thread that answers whenever it is told to, as granian's do."""

    def __init__(self, crew: Crew) -> None:
        self._crew, self._next, self._sent, self._is_back = crew, Event(), Event(), Event()
        self._is_slow = False
        Thread(target=self._work, daemon=True).start()

    def answer(self) -> bool:
        """Answer a request; whether it comes back from that at once."""
        self._is_back.clear()
        self._next.set()
        return self.comes_back(MOMENT)

    def answer_slow_sender(self) -> None:
        self._is_slow = True
        self._is_back.clear()
        self._next.set()

    def receive(self) -> None:
        self._sent.set()

    def comes_back(self, timeout: float = TIMEOUT) -> bool:
        return self._is_back.wait(timeout)

    def _work(self) -> None:
        while True:
            self._next.wait()
            self._next.clear()
            if self._is_slow:
                with self._crew.waiting():
                    self._sent.wait(TIMEOUT)
                self._is_slow = False
            self._crew.rest()
            self._is_back.set()


def test_crew__more_threads_than_it_needs__lets_all_but_two_rest() -> None:
    team = Crew(2)
    members = [Member(team) for _ in range(5)]

    assert [member.answer() for member in members] == [True, True, False, False, False]


def test_crew__nobody_else_is_there__is_joined_by_one_that_rested() -> None:
    team = Crew(2)
    first, second, third = (Member(team) for _ in range(3))
    assert [member.answer() for member in (first, second, third)] == [True, True, False]

    first.answer_slow_sender()
    second.answer_slow_sender()

    assert third.comes_back()
    assert third.answer()
    first.receive()
    assert first.comes_back()
    second.receive()
    assert not second.comes_back(MOMENT)  # now it is the one too many


def test_crew__threads_that_granian_may_have_ended__count_on_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    team = Crew(2)
    ended, first, second = (Member(team) for _ in range(3))
    assert ended.answer()
    later = monotonic() + crew.IDLE_TIMEOUT
    monkeypatch.setattr(crew, "monotonic", lambda: later)

    assert [first.answer(), second.answer()] == [True, True]


def test_crew__all_others_may_have_been_ended__is_joined_by_one_that_rested(monkeypatch: pytest.MonkeyPatch) -> None:
    team = Crew(2)
    resting, new = Member(team), Member(team)
    assert [Member(team).answer(), Member(team).answer(), resting.answer()] == [True, True, False]
    later = monotonic() + crew.IDLE_TIMEOUT
    monkeypatch.setattr(crew, "monotonic", lambda: later)

    new.answer_slow_sender()

    assert resting.comes_back()
