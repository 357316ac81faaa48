"""Races take turns between processes, and run side by side within one."""

from pathlib import Path
from tempfile import gettempdir
from threading import Event

from django.core.files import locks

from core.testing.races import race

WAIT = 20.0  # seconds


def _is_free() -> bool:
    """Whether a process could begin a race now: each opening of the file counts for itself."""
    with (Path(gettempdir()) / "gigvora-race.lock").open("w") as turn:
        return locks.lock(turn, locks.LOCK_EX | locks.LOCK_NB)


def test_race__begun_during_another__does_not_wait_for_its_end() -> None:
    other_ran = Event()

    results = race(lambda: other_ran.wait(WAIT), lambda: race(other_ran.set))

    assert results == [True, [None]]


def test_race__going_on__keeps_other_processes_from_theirs_until_all_have_ended() -> None:
    assert race(lambda: (race(_is_free), _is_free())) == [([False], False)]
