"""A backup brings somebody back; the platform forgets them again."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import call_command

from accounts.models import User
from events import services as events
from privacy import journal
from privacy.models import Erasure, Tombstone
from privacy.services import replaying
from tests.accounts.actors import SignedInClient
from tests.privacy.conftest import Erase, after_grace

pytestmark = pytest.mark.django_db


def restored(user: User) -> None:
    """The database as it was before the erasure: the person is there, and nothing of their erasure."""
    user.save()
    Erasure.objects.all().delete()
    Tombstone.objects.all().delete()


def test_replay__after_a_restore__erases_again_whom_the_journal_knows(
    client: SignedInClient, freelancer: User, other_freelancer: User, erase: Erase, capsys: pytest.CaptureFixture[str]
) -> None:
    erase(client)
    restored(freelancer)

    call_command("replay_erasures")
    after_grace()

    assert capsys.readouterr().out.startswith("1 people are back who were erased.")
    freelancer.refresh_from_db()
    other_freelancer.refresh_from_db()
    assert freelancer.full_name == ""
    assert other_freelancer.full_name
    assert Erasure.objects.values_list("source", "status").get() == ("restore", "done")


def test_replay__nobody_is_back__does_nothing(client: SignedInClient, erase: Erase) -> None:
    erase(client)

    assert replaying.replay() == 0
    assert Erasure.objects.count() == 1


def test_replay__the_journal_lost__goes_by_tombstones(client: SignedInClient, freelancer: User, erase: Erase) -> None:
    erase(client)
    private: Any = storages["private"]
    shutil.rmtree(Path(private.location) / journal.FOLDER)
    freelancer.save()
    Erasure.objects.all().delete()

    assert list(journal.noted()) == []
    assert replaying.replay() == 1


def test_replay__twice__schedules_once(client: SignedInClient, freelancer: User, erase: Erase) -> None:
    erase(client)
    restored(freelancer)

    assert (replaying.replay(), replaying.replay()) == (1, 1)
    assert Erasure.objects.count() == replaying.unfinished() == 1


def test_replay__in_its_grace_period_when_the_backup_was_made__is_brought_forward(
    client: SignedInClient, freelancer: User, erase: Erase
) -> None:
    erase(client)
    restored(freelancer)
    Erasure.objects.create(user_id=freelancer.id, status="requested", source="web")

    assert replaying.replay() == 1
    events.dispatch()
    call_command("replay_erasures", only_schedule=True)
    after_grace()

    assert Erasure.objects.values_list("source", "status").get() == ("web", "done")


def test_journal__of_the_erased__names_nobody(client: SignedInClient, freelancer: User, erase: Erase) -> None:
    erase(client)

    [digest] = journal.noted()
    assert len(digest) == 64
    assert str(freelancer.id) not in digest
    journal.note(digest)
    assert list(journal.noted()) == [digest]
