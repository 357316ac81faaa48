import pytest
from django.db import connection, transaction

from accounts.models import User
from core.db.advisory import try_lock, wait_lock
from core.db.changes import lock, save_changes
from core.db.ids import uuid7
from core.errors import NotFound, PreconditionFailed
from core.testing.races import race, repeat

pytestmark = pytest.mark.django_db


def _ada() -> User:
    return User.objects.create(email="ada@example.com", full_name="Ada")


def test_lock__version_as_expected__the_row() -> None:
    ada = _ada()

    assert lock(User.objects.all(), id=ada.id) == ada
    assert lock(User.objects.all(), expected_version=1, id=ada.id) == ada


@pytest.mark.parametrize("version", [0, 2, 10**18])
def test_lock__another_version__precondition_failed(version: int) -> None:
    with pytest.raises(PreconditionFailed):
        lock(User.objects.all(), expected_version=version, id=_ada().id)


def test_lock__no_such_row__not_found_whatever_was_expected() -> None:
    with pytest.raises(NotFound):
        lock(User.objects.all(), expected_version=1, id=uuid7())


def test_save_changes__some_differ__those_written_and_the_version_raised() -> None:
    ada = _ada()
    changed = save_changes(ada, full_name="Ada Lovelace", phone="")

    stored = User.objects.get()
    assert (changed.rev, stored.rev, stored.full_name) == (2, 2, "Ada Lovelace")
    assert stored.updated_at > stored.created_at


def test_save_changes__nothing_differs__nothing_written() -> None:
    ada = _ada()

    assert save_changes(ada, full_name="Ada").rev == 1
    assert User.objects.get().updated_at == ada.updated_at


@pytest.mark.django_db(transaction=True)
def test_changes__ten_at_once__every_one_counted() -> None:
    ada = _ada()

    def change() -> None:
        with transaction.atomic():
            row = lock(User.objects.all(), id=ada.id)
            save_changes(row, full_name=row.full_name + "!")

    assert list(race(*repeat(change, 10))) == [None] * 10
    stored = User.objects.get()
    assert (stored.rev, stored.full_name) == (11, "Ada" + "!" * 10)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer and needs no lock on a name")
def test_try_lock__held_by_another__refused_until_its_transaction_ends() -> None:
    with transaction.atomic():
        assert try_lock("one")
        assert list(race(_takes_one, _takes_two)) == [False, True]
    assert _takes_one()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer and needs no lock on a name")
def test_wait_lock__two_who_read_and_then_write__take_turns() -> None:
    ada = _ada()

    def grow() -> None:
        with transaction.atomic():
            wait_lock("ada")
            name = User.objects.get(id=ada.id).full_name
            User.objects.filter(id=ada.id).update(full_name=name + "!")

    race(grow, grow, grow, grow)

    assert User.objects.get(id=ada.id).full_name == "Ada!!!!"


def _takes_one() -> bool:
    with transaction.atomic():
        return try_lock("one")


def _takes_two() -> bool:
    with transaction.atomic():
        return try_lock("two")
