"""Erasures that meet late rows, slow workers, kills, and the last admin."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from access.models import AuditEntry
from access.selectors import count_admins
from access.services import grant_role
from accounts.events import DeletionRequested
from accounts.models import DeviceSession, User
from calendar_app.models import Event
from core.contributions.privacy import Delete, Personal
from core.contributions.scopes import Persona
from core.db.ids import uuid7
from events import services as events
from events.services import publish
from privacy import shredder
from privacy.inventory import declarations
from privacy.models import Erasure, ErasureStep, PrivacyRequest
from privacy.selectors import late_erasures, overdue_requests
from privacy.services import deletion, erasing
from tests.accounts.actors import MakeUser, SignedInClient, SignIn, principal_behind
from tests.accounts.actors import sign_in as begin
from tests.mentors.conftest import NOON, TUESDAY_TEN, make_mentor
from tests.privacy.conftest import after_grace

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(client: SignedInClient) -> Erasure:
    """The erasure of the client's account, about to begin."""
    add_event(client)
    assert client.delete("/v1/auth/me").status_code == 202
    events.dispatch()
    Erasure.objects.update(executes_at=timezone.now())
    return Erasure.objects.get()


def add_event(client: SignedInClient) -> None:
    event = {"title": "Review", "starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}
    assert client.post("/v1/calendar/events", event, format="json").status_code == 201


def copy(event: Event, times: int) -> None:
    for _ in range(times):
        event.pk = uuid7()
        event.uid = str(event.pk)
        event.save(force_insert=True)


def go_on(times: int = 3) -> None:
    """Let minutes pass, and the jobs run."""
    for number in range(1, times + 1):
        with time_machine.travel(timezone.now() + timedelta(minutes=5 * number)):
            events.dispatch()
            erasing.erase_due()


def counted(name: str) -> int:
    return next(int(each["rows"]) for each in Erasure.objects.get().receipt["collections"] if each["name"] == name)


def test_erase__rows_written_after_their_step__go_and_are_counted(due: Erasure) -> None:
    late = Event.objects.get()
    erasing.erase_due()
    assert ErasureStep.objects.get(name="calendar_events").status == "done"
    copy(late, 2)  # by a request that was under way

    go_on()

    assert Erasure.objects.get().status == "done"
    assert not Event.objects.exists()
    assert counted("calendar_events") == 3


def test_erase__nothing_came_late__finishes_only_after_requests_under_way_have_ended(due: Erasure) -> None:
    erasing.erase_due()
    events.dispatch()
    with time_machine.travel(timezone.now() + timedelta(seconds=50)):
        erasing.erase_due()
        assert Erasure.objects.get().status == "running"
        left = ErasureStep.objects.exclude(status="done").values_list("name", flat=True)
        assert list(left) == ["memberships"]  # through which others are found
    with time_machine.travel(timezone.now() + timedelta(seconds=70)):
        erasing.erase_due()

    assert Erasure.objects.get().status == "done"


def test_erase__killed_while_looking_again__looks_again(due: Erasure, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Event.objects.get()
    erasing.erase_due()
    events.dispatch()
    copy(late, 1)

    def die(erasure: Erasure) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, time_machine.travel(timezone.now() + timedelta(minutes=5)):
        patch.setattr(erasing, "_finish", die)
        with pytest.raises(SystemExit):
            erasing.erase_due()
    copy(late, 1)
    go_on()

    assert Erasure.objects.get().status == "done"
    assert counted("calendar_events") == 3


def test_erase__rows_that_never_end__is_not_said_to_be_done(
    due: Erasure, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    late, shred = Event.objects.get(), shredder.shred

    def write_more(personal: Personal, user_id: UUID, note: shredder.Note) -> int:
        rows = shred(personal, user_id, note)
        if personal.collection == "calendar_events":
            copy(late, 1)
        return rows

    monkeypatch.setattr(shredder, "shred", write_more)
    erasing.erase_due()
    go_on(1)

    assert Erasure.objects.get().status == "running"
    assert "still finds new rows" in caplog.text
    monkeypatch.setattr(shredder, "shred", shred)
    go_on()
    assert Erasure.objects.get().status == "done"


def test_erase__events_delivered_after_a_step__leave_no_row(sign_in: SignIn, make_user: MakeUser) -> None:
    """A booking waits for the calendar's subscriber while the calendar is erased."""
    with time_machine.travel(NOON, tick=False):
        user, guide = make_user(), make_mentor(make_user())
        client = sign_in(user)
        events.dispatch()
        booking = {"starts_at": TUESDAY_TEN.isoformat(), "duration_minutes": 60, "topic": "Costs of a divorce"}
        assert client.post(f"/v1/mentors/{guide.id}/sessions", booking, format="json").status_code == 201
        client.delete("/v1/auth/me")
        Erasure.objects.update(executes_at=timezone.now())
        erasing.erase_due()
        events.dispatch()
    for minutes in range(10, 60, 10):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            erasing.erase_due()
            events.dispatch()

    assert Erasure.objects.get().status == "done"
    deleted = [each for each in declarations() if isinstance(each.erase, Delete)]
    assert [each.collection for each in deleted if shredder.of(each, user.id).exists()] == []


def test_erase__of_a_mentor__whose_row_is_overwritten_each_time__ends(sign_in: SignIn, make_user: MakeUser) -> None:
    guide = make_mentor(make_user())
    sign_in(guide.user).delete("/v1/auth/me")
    after_grace()

    assert Erasure.objects.get().status == "done"
    assert counted("mentors") >= 1


def test_erase__killed_between_batches__counts_every_row_once(due: Erasure, monkeypatch: pytest.MonkeyPatch) -> None:
    copy(Event.objects.get(), 2)
    monkeypatch.setattr(shredder, "BATCH", 1)
    delete_files, calls = shredder._delete_files, 0

    def die_at_the_third(*args: object) -> None:
        nonlocal calls
        calls += Event.objects.exists()
        if calls == 3:
            raise SystemExit
        delete_files(None, [])

    with monkeypatch.context() as patch:
        patch.setattr(shredder, "_delete_files", die_at_the_third)
        with pytest.raises(SystemExit):
            erasing.erase_due()
    assert Event.objects.exists()
    go_on()

    assert Erasure.objects.get().status == "done"
    assert counted("calendar_events") == 3


def test_erase__a_step_longer_than_the_lease__is_counted_once_and_its_worker_gives_way(
    due: Erasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    shred, done = shredder.shred, []

    def be_overtaken(personal: Personal, user_id: UUID, note: shredder.Note) -> int:
        done.append(personal.collection)
        if personal.collection == "calendar_events" and done.count("calendar_events") == 1:
            Erasure.objects.update(due_at=timezone.now())
            erasing.erase_due()
            done.append("and the slow one:")
        return shred(personal, user_id, note)

    monkeypatch.setattr(shredder, "shred", be_overtaken)
    erasing.erase_due()

    assert done.count("calendar_events") == 2
    assert done[-1] == "and the slow one:"
    go_on()
    assert Erasure.objects.get().status == "done"
    assert (counted("calendar_events"), counted("account")) == (1, 1)


def test_erase__requests_that_nobody_answered__are_withdrawn(client: SignedInClient) -> None:
    client.post("/v1/privacy/requests", {"kind": "correct", "message": "My name is wrong."}, format="json")
    client.post("/v1/privacy/exports")
    client.delete("/v1/auth/me")
    after_grace()

    assert dict(PrivacyRequest.objects.values_list("kind", "status")) == {
        "correct": "withdrawn", "access": "withdrawn", "delete": "done",
    }  # fmt: skip
    with time_machine.travel(timezone.now() + timedelta(days=90)):
        assert overdue_requests() == 0


def test_delete_me__of_the_last_admin__is_refused_and_changes_nothing(sign_in: SignIn, staff: User) -> None:
    assert count_admins() == 1
    client = sign_in(staff)

    refused = client.delete("/v1/auth/me")

    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    assert not Erasure.objects.exists()
    assert DeviceSession.objects.live().exists()


def test_delete_me__again_by_one_who_is_the_last_admin_since__is_the_same_deletion(
    sign_in: SignIn, make_user: MakeUser
) -> None:
    ada, bert = (make_user(persona=Persona.ADMIN, is_staff=True) for _ in range(2))
    planned = sign_in(ada).delete("/v1/auth/me").json()
    User.objects.filter(id=bert.id).update(is_active=False)
    assert count_admins() == 1

    again = sign_in(ada).delete("/v1/auth/me")

    assert (again.status_code, again.json()) == (202, planned)


def test_deletion__of_the_last_admin_asked_for_at_a_provider__is_left_to_staff_once(staff: User) -> None:
    for _ in range(2):
        with transaction.atomic():
            publish(DeletionRequested(aggregate_id=staff.id, origin="facebook"))
        events.dispatch()

    assert not Erasure.objects.exists()
    asked = PrivacyRequest.objects.get()
    assert (asked.kind, asked.status, asked.source, asked.user_id) == ("delete", "open", "provider", staff.id)
    assert asked.message == deletion.LEFT_TO_STAFF
    assert AuditEntry.objects.filter(action="erasure.requested", reason="last_admin").count() == 1


def test_erase__of_the_last_two_admins__puts_off_the_second_until_there_is_another(
    make_user: MakeUser, caplog: pytest.LogCaptureFixture
) -> None:
    ada, bert = (make_user(persona=Persona.ADMIN, is_staff=True) for _ in range(2))
    for user in (ada, bert):
        deletion.schedule(actor=principal_behind(begin(user)))
    after_grace()

    assert dict(Erasure.objects.values_list("user_id", "status")) == {ada.id: "done", bert.id: "scheduled"}
    assert count_admins() == 1
    assert "Appoint another admin" in caplog.text
    assert AuditEntry.objects.filter(action="erasure.put_off", target_id=str(bert.id)).count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=32)):
        assert late_erasures() == 1

    grant_role(actor=None, user_id=make_user().id, role=Persona.ADMIN, reason="trial")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        after_grace()
    assert set(Erasure.objects.values_list("status", flat=True)) == {"done"}
    bert.refresh_from_db()
    assert not bert.is_active
