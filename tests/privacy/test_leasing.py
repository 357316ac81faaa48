"""Erasures whose steps are slow, fail without end, or changed their names; and those that stand behind them."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from accounts.services import closing
from calendar_app.models import Event
from core.contributions.privacy import Personal
from events import services as events
from privacy import shredder
from privacy.models import Erasure, ErasureStep
from privacy.services import erasing, leasing
from tests.accounts.actors import SignedInClient
from tests.privacy.test_erasing import add_event, counted, go_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(client: SignedInClient) -> Erasure:
    """The erasure of the client's account, about to begin."""
    add_event(client)
    return make_due(client)


def make_due(client: SignedInClient) -> Erasure:
    erasure = Erasure.objects.get(id=client.delete("/v1/auth/me").json()["id"])
    events.dispatch()
    Erasure.objects.filter(id=erasure.id).update(executes_at=timezone.now())
    return erasure


def refuse(monkeypatch: pytest.MonkeyPatch, collection: str) -> None:
    """Let the steps of a collection fail."""
    shred = shredder.shred

    def fail(personal: Personal, user_id: UUID, note: shredder.Note) -> int:
        if personal.collection == collection:
            raise RuntimeError
        return shred(personal, user_id, note)

    monkeypatch.setattr(shredder, "shred", fail)


@pytest.mark.parametrize("collection", ["events", "calendar_events"])
def test_erase__a_step_ten_times_its_lease__is_overtaken_often_and_ends(
    due: Erasure, collection: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shred = shredder.shred

    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False) as clock:

        def dawdle(personal: Personal, user_id: UUID, note: shredder.Note) -> int:
            if personal.collection == collection:
                for _ in range(10):
                    clock.shift(leasing.LEASE)
                    if (found := leasing.next_due()) is not None:  # by another worker, who is as slow
                        erasing._claim(found)
            return shred(personal, user_id, note)

        monkeypatch.setattr(shredder, "shred", dawdle)
        for _ in range(10):
            events.dispatch()
            erasing.erase_due()
            clock.shift(leasing.LEASE)

    assert Erasure.objects.get().status == "done"
    assert counted("calendar_events") == 1
    overtaken = ErasureStep.objects.get(name=collection).attempts
    assert 3 <= overtaken <= 5
    assert caplog.text.count("was taken over") == overtaken


def test_erase__a_step_that_failed_a_hundred_times__is_tried_again_within_hours(
    due: Erasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, "calendar_events")
    erasing.erase_due()
    ErasureStep.objects.filter(name="calendar_events").update(attempts=100)

    go_on(1)

    assert ErasureStep.objects.get(name="calendar_events").attempts == 101
    due.refresh_from_db()
    assert due.due_at
    assert timedelta(hours=5) < due.due_at - timezone.now() < timedelta(hours=7)


def test_erase__done_after_a_failure__tells_of_no_error(due: Erasure, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        refuse(patch, "calendar_events")
        erasing.erase_due()
    assert ErasureStep.objects.get(name="calendar_events").error == "RuntimeError"

    go_on()

    assert Erasure.objects.get().status == "done"
    assert not ErasureStep.objects.exclude(error="").exists()


def test_erase__a_collection_renamed_meanwhile__is_erased_under_its_new_name(
    due: Erasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        refuse(patch, "calendar_events")
        erasing.erase_due()
    ErasureStep.objects.filter(name="calendar_events").update(name="calendar_entries")

    go_on()

    assert Erasure.objects.get().status == "done"
    assert not Event.objects.exists()
    assert counted("calendar_events") == 1
    assert ErasureStep.objects.get(name="calendar_entries").status == "done"


def test_erase__one_that_cannot_begin__is_put_off_and_stops_no_other(
    due: Erasure, other: SignedInClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    behind, close = make_due(other), closing.close

    def fail(*, user_id: UUID) -> str:
        if user_id == due.user_id:
            raise ValueError
        return close(user_id=user_id)

    with monkeypatch.context() as patch:
        patch.setattr(closing, "close", fail)
        erasing.erase_due()
        go_on()

    assert dict(Erasure.objects.values_list("id", "status")) == {due.id: "scheduled", behind.id: "done"}
    assert caplog.text.count(f"Erasure {due.id} cannot go on") == 1
    assert User.objects.get(id=due.user_id).is_active
    with time_machine.travel(timezone.now() + timedelta(hours=7)):
        erasing.erase_due()
        go_on()
    assert set(Erasure.objects.values_list("status", flat=True)) == {"done"}


def test_erase__one_that_cannot_end__is_put_off_and_stops_no_other(
    due: Erasure, other: SignedInClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind, finish = make_due(other), erasing._finish

    def fail(erasure: Erasure) -> None:
        if erasure.id == due.id:
            raise OSError
        finish(erasure)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_finish", fail)
        erasing.erase_due()
        go_on()

    assert dict(Erasure.objects.values_list("id", "status")) == {due.id: "running", behind.id: "done"}
    with time_machine.travel(timezone.now() + timedelta(hours=7)):
        go_on(1)
    assert Erasure.objects.get(id=due.id).status == "done"


def test_erase__what_waits_for_days__is_looked_at_every_few_hours(client: SignedInClient) -> None:
    client.delete("/v1/auth/me")  # whose events nobody delivers
    Erasure.objects.update(executes_at=timezone.now())
    pauses = []
    for age in (timedelta(0), timedelta(hours=10), timedelta(days=10)):
        with time_machine.travel(timezone.now() + age, tick=False):
            erasing.erase_due()
            due_at = Erasure.objects.get().due_at
            assert due_at
            pauses.append(due_at - timezone.now())

    assert pauses[0] == erasing.WAIT
    assert timedelta(minutes=59) < pauses[1] < timedelta(minutes=61)
    assert pauses[2] == leasing.LAST_RETRY


def test_erase__others_who_keep_writing_of_the_person__do_not_keep_it_for_more_than_a_day(
    due: Erasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    shred, written = shredder.shred, 0

    def find_more(personal: Personal, user_id: UUID, note: shredder.Note) -> int:
        nonlocal written
        if personal.collection == "events":
            written += 1
            note(written)
        return shred(personal, user_id, note)

    monkeypatch.setattr(shredder, "shred", find_more)
    erasing.erase_due()
    go_on()
    assert Erasure.objects.get().status == "running"
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        go_on(1)

    assert Erasure.objects.get().status == "done"
