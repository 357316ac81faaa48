"""Files made in the background: by one worker at a time, and nothing stays of those that were overtaken or killed."""

from collections.abc import Callable
from datetime import timedelta
from typing import IO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from core.background_files import LEASE, MAX_ATTEMPTS, Beat, Maker, delete_files
from core.testing.races import race, repeat
from privacy.models import Export

pytestmark = pytest.mark.django_db
Write = Callable[[Export, IO[bytes], Beat], None]


@pytest.fixture(autouse=True)
def _own_files(settings: Settings) -> None:
    private = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "private": private}
    storages["private"].save("trial/other", ContentFile(b"stays"))


@pytest.fixture
def row(freelancer: User) -> Export:
    return Export.objects.create(user_id=freelancer.id)


def maker(write: Write, finish: Callable[[Export], None] = lambda row: None) -> Maker[Export]:
    return Maker(
        model=Export,
        job="trial.make",
        lifetime=timedelta(days=1),
        names=lambda row: [f"trial/{attempt}" for attempt in range(1, row.attempts + 1)],
        write=write,
        finish=finish,
    )


def hello(row: Export, file: IO[bytes], beat: Beat) -> None:
    beat(progress=50)
    file.write(b"hello")


def fail(row: Export, file: IO[bytes], beat: Beat) -> None:
    raise OSError("disk full")


def files() -> list[str]:
    return sorted(set(storages["private"].listdir("trial")[1]) - {"other"})


@pytest.mark.django_db(transaction=True)
def test_row__four_workers_at_once__is_leased_by_one(row: Export) -> None:
    tried = race(*repeat(lambda: maker(hello).make_due(seconds=60), 4))

    row.refresh_from_db()
    assert sorted(map(str, tried)) == ["0", "0", "0", "1"]
    assert (row.status, row.attempts, row.file, row.size, row.progress) == ("ready", 1, "trial/1", 5, 50)
    assert files() == ["1"]


def test_row__being_made__is_nobody_elses_until_the_lease_ends(row: Export) -> None:
    others: list[int] = []

    def slowly(row: Export, file: IO[bytes], beat: Beat) -> None:
        for _ in range(2):
            clock.shift(LEASE - timedelta(seconds=1))
            beat()
            others.append(maker(hello).make_due(seconds=60))

    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert maker(slowly).make_due(seconds=60) == 1

    assert others == [0, 0]
    assert files() == ["1"]


def test_worker__superseded__throws_its_own_file_away(row: Export) -> None:
    finished: list[int] = []

    def too_slowly(row: Export, file: IO[bytes], beat: Beat) -> None:
        clock.shift(LEASE)
        assert maker(hello, lambda row: finished.append(row.attempts)).make_due(seconds=60) == 1

    with time_machine.travel(timezone.now(), tick=False) as clock:
        maker(too_slowly, lambda row: finished.append(row.attempts)).make_due(seconds=60)

    row.refresh_from_db()
    assert (row.status, row.file, finished) == ("ready", "trial/2", [2])
    assert files() == ["2"]


def test_worker__superseded__learns_it_with_the_next_batch(row: Export) -> None:
    def be_overtaken(row: Export, file: IO[bytes], beat: Beat) -> None:
        Export.objects.update(attempts=7)
        beat(progress=50)
        raise AssertionError("It went on.")

    maker(be_overtaken).make_due(seconds=60)

    row.refresh_from_db()
    assert (row.status, row.attempts, row.progress, files()) == ("running", 7, 0, [])


def test_row__whose_last_attempt_failed__is_given_up_with_what_killed_workers_left(row: Export) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(MAX_ATTEMPTS):
            assert maker(fail).make_due(seconds=60) == 1
            assert Export.objects.get().status == "running"
            clock.shift(LEASE)
        storages["private"].save("trial/3", ContentFile(b"half"))
        maker(hello).make_due(seconds=60)

    row.refresh_from_db()
    assert (row.status, row.attempts, row.file, files()) == ("failed", MAX_ATTEMPTS, "", [])


def test_finish__that_fails__leaves_the_row_to_another_attempt(row: Export) -> None:
    def refuse(row: Export) -> None:
        raise ValueError

    maker(hello, refuse).make_due(seconds=60)

    row.refresh_from_db()
    assert (row.status, row.file, files()) == ("running", "", [])


def test_files__deleted__are_no_longer_named(row: Export) -> None:
    maker(hello).make_due(seconds=60)

    assert delete_files(Export.objects.filter(status="ready"), status="expired") == 1

    row.refresh_from_db()
    assert (row.status, row.file, files()) == ("expired", "", [])
