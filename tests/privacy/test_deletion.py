"""Asking for one's account to be deleted, thinking better of it, and being gone."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from access import append_only, chain
from accounts.events import DeletionRequested
from accounts.models import DeviceSession, User
from calendar_app.models import Event
from core.contributions import privacy as declarations
from core.contributions.privacy import Revoked, revocation
from core.http.access import Audience
from events import services as events
from events.models import OutboxEvent
from events.services import publish
from privacy import shredder
from privacy.models import Erasure, ErasureStep, PrivacyRequest, Tombstone
from privacy.services import erasing, leasing
from tests.accounts.actors import PASSWORD, SignedInClient, SignIn
from tests.privacy.conftest import Erase, after_grace

pytestmark = pytest.mark.django_db


def the_erasure() -> Erasure:
    return Erasure.objects.get()


def test_delete_me__first_time__schedules_and_signs_out_everywhere(
    client: SignedInClient,
    sign_in: SignIn,
    freelancer: User,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    elsewhere = sign_in(freelancer, Audience.WEB)

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.delete("/v1/auth/me")

    erasure = the_erasure()
    assert erasure.executes_at is not None
    body = answer.json()
    assert (answer.status_code, body) == (
        202,
        {
            "id": str(erasure.id),
            "status": "scheduled",
            "requested_at": body["requested_at"],
            "executes_at": body["executes_at"],
            "cancelled_at": None,
            "finished_at": None,
            "_links": {
                "self": {"href": "/v1/auth/me/deletion", "method": "GET"},
                "cancel": {"href": "/v1/auth/me/deletion", "method": "DELETE"},
            },
        },
    )
    assert abs(erasure.executes_at - timezone.now() - settings.ERASURE_GRACE) < timedelta(minutes=1)
    assert client.get("/v1/auth/me").status_code == 401
    assert elsewhere.get("/v1/auth/me").status_code == 401
    assert PrivacyRequest.objects.values_list("kind", "status", "user_id").get() == ("delete", "open", freelancer.id)


def test_delete_me__on_the_shared_surface__speaks_its_case(client: SignedInClient) -> None:
    body = client.delete("/api/auth/me").json()

    assert {"requestedAt", "executesAt", "_links"} <= set(body)
    assert body["_links"]["cancel"] == {"href": "/api/auth/me/deletion", "method": "DELETE"}


def test_me__put_together__still_shows_and_changes(client: SignedInClient) -> None:
    assert client.get("/v1/auth/me").json()["email"]
    assert client.patch("/v1/auth/me", {"locale": "de"}, format="json").json()["locale"] == "de"
    assert client.post("/v1/auth/me", {}, format="json").headers["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"


def test_deletion__called_off__keeps_everything(client: SignedInClient, sign_in: SignIn, freelancer: User) -> None:
    client.delete("/v1/auth/me")
    again = sign_in(freelancer)

    assert again.get("/v1/auth/me/deletion").json()["status"] == "scheduled"
    assert again.delete("/v1/auth/me/deletion").json()["status"] == "cancelled"
    assert again.delete("/v1/auth/me/deletion").status_code == 404
    after_grace()

    freelancer.refresh_from_db()
    assert freelancer.is_active
    assert PrivacyRequest.objects.get().status == "withdrawn"
    assert again.get("/v1/privacy").json()["deletion"]["status"] == "cancelled"


def test_deletion__under_way__cannot_be_called_off(client: SignedInClient, sign_in: SignIn, freelancer: User) -> None:
    client.delete("/v1/auth/me")
    again = sign_in(freelancer)
    Erasure.objects.update(status="running", due_at=timezone.now() + timedelta(minutes=5))

    refused = again.delete("/v1/auth/me/deletion")

    assert (refused.status_code, refused.json()["code"]) == (409, "deletion_under_way")


def test_deletion__never_asked_for__is_not_found(client: SignedInClient) -> None:
    assert client.get("/v1/auth/me/deletion").status_code == 404
    refused = client.delete("/v1/auth/me/deletion")
    assert (refused.status_code, refused.json()["code"]) == (404, "no_deletion")


def test_erase__after_the_grace_period__leaves_a_stub_a_receipt_and_a_tombstone(
    client: SignedInClient, other: SignedInClient, freelancer: User, erase: Erase
) -> None:
    append_only.protect()
    event = {"title": "Review", "starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}
    assert client.post("/v1/calendar/events", event, format="json").status_code == 201
    assert other.post("/v1/calendar/events", event, format="json").status_code == 201
    address = freelancer.email

    erase(client)

    freelancer.refresh_from_db()
    assert (freelancer.email, freelancer.full_name, freelancer.is_active) == (
        f"{freelancer.id}@erased.invalid", "", False,
    )  # fmt: skip
    assert not DeviceSession.objects.filter(user=freelancer).exists()
    assert Event.objects.count() == 1
    erasure = the_erasure()
    assert (erasure.status, bytes(erasure.contact)) == ("done", b"")
    outcomes = {each["name"]: (each["rows"], each["outcome"]) for each in erasure.receipt["collections"]}
    assert outcomes["calendar_events"] == (1, "deleted")
    assert outcomes["security_events"][1].startswith("what names the person is removed. Kept: ")
    assert Tombstone.objects.count() == 1
    assert PrivacyRequest.objects.get().status == "done"
    told = OutboxEvent.objects.filter(aggregate_id=freelancer.id).values_list("name", flat=True)
    assert {"account.erased", "freelancer.offboarded"} <= set(told)
    receipt = mail.outbox[-1]
    assert (receipt.to, receipt.subject) == ([address], "Your Gigvora account is deleted")
    assert "calendar_events: 1, deleted" in receipt.body
    chain.seal()
    assert list(chain.verify()) == []


def test_erase__signing_in_afterwards__is_refused_and_the_address_is_free(
    client: SignedInClient, freelancer: User, erase: Erase, api: APIClient
) -> None:
    login = {"email": freelancer.email, "password": PASSWORD}
    erase(client)

    assert api.post("/v1/auth/login", login, format="json").json()["code"] == "invalid_credentials"
    assert api.post("/v1/auth/register", {**login, "password": "another-Horse-8"}, format="json").status_code == 201


def test_erase__killed_after_any_step__goes_on_where_it_stopped(
    client: SignedInClient, freelancer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.delete("/v1/auth/me")
    events.dispatch()
    Erasure.objects.update(executes_at=timezone.now())
    shred, done = shredder.shred, []

    def shred_and_die(personal: declarations.Personal, user_id: UUID, note: shredder.Note) -> int:
        shred(personal, user_id, note)
        done.append(personal.collection)
        raise SystemExit

    monkeypatch.setattr(shredder, "shred", shred_and_die)
    for _ in range(3):  # killed after the work and before the note of it, again and again
        with pytest.raises(SystemExit):
            erasing.erase_due()
        Erasure.objects.update(due_at=timezone.now())
    assert len(set(done)) == 1
    monkeypatch.setattr(shredder, "shred", shred)
    after_grace()

    assert the_erasure().status == "done"
    assert not ErasureStep.objects.exclude(status="done").exists()
    freelancer.refresh_from_db()
    assert freelancer.full_name == ""


def test_erase__a_step_that_fails__is_tried_again_later_and_quotes_nothing(
    client: SignedInClient, freelancer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.delete("/v1/auth/me")
    events.dispatch()
    Erasure.objects.update(executes_at=timezone.now())
    shred = shredder.shred

    def refuse(personal: declarations.Personal, user_id: UUID, note: shredder.Note) -> int:
        if personal.collection == "calendar_events":
            raise RuntimeError(f"cannot delete {freelancer.email}")
        return shred(personal, user_id, note)

    monkeypatch.setattr(shredder, "shred", refuse)
    assert erasing.erase_due() == 1

    step = ErasureStep.objects.get(name="calendar_events")
    assert (step.status, step.attempts, step.error) == ("pending", 1, "RuntimeError")
    assert erasing.erase_due() == 0
    monkeypatch.setattr(shredder, "shred", shred)
    after_grace()
    assert the_erasure().status == "done"


def test_erase__two_workers_at_once__do_everything_once(client: SignedInClient) -> None:
    client.delete("/v1/auth/me")
    events.dispatch()
    Erasure.objects.update(executes_at=timezone.now())
    erasing.erase_due()  # closes the account, of which events tell
    events.dispatch()
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        due = leasing.next_due()
        assert due is not None
        running = erasing._claim(due)
        assert running is not None
        erasing._go_on(running)
        with pytest.raises(leasing.Superseded):
            erasing._go_on(running)

    assert OutboxEvent.objects.filter(name="account.erased").count() == 1
    assert Tombstone.objects.count() == 1


@pytest.fixture
def _revocations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declarations, "_revocations", {})


@pytest.mark.usefixtures("_revocations")
def test_erase__others_to_be_told__are_told_first_and_their_answer_is_evidence(
    client: SignedInClient, freelancer: User, erase: Erase
) -> None:
    seen: list[str] = []

    @revocation("apple", by_hand="Open Settings, Apple Account, Sign in with Apple.")
    def revoke(user_id: UUID) -> Revoked:
        seen.append(User.objects.get(id=user_id).email)
        return Revoked("revoked", "200 from /auth/revoke")

    erase(client)

    assert seen == [seen[0]]
    assert not seen[0].endswith("erased.invalid")
    assert the_erasure().receipt["told"] == [
        {"name": "apple", "outcome": "revoked", "detail": "200 from /auth/revoke", "by_hand": ""}
    ]


@pytest.mark.usefixtures("_revocations")
def test_erase__others_out_of_reach_for_long__goes_on_and_tells_how_to_do_it_by_hand(
    client: SignedInClient, freelancer: User
) -> None:
    @revocation("apple", by_hand="Open Settings, Apple Account, Sign in with Apple.")
    def revoke(user_id: UUID) -> Revoked:
        raise ConnectionError("appleid.apple.com does not answer")

    client.delete("/v1/auth/me")
    events.dispatch()
    Erasure.objects.update(executes_at=timezone.now())
    for day in range(4 * erasing.MAX_REVOCATIONS):
        with time_machine.travel(timezone.now() + timedelta(hours=6 * (day + 1))):
            erasing.erase_due()
            events.dispatch()

    erasure = the_erasure()
    assert erasure.status == "done"
    [told] = erasure.receipt["told"]
    assert (told["outcome"], told["by_hand"]) == ("failed", "Open Settings, Apple Account, Sign in with Apple.")
    assert ErasureStep.objects.get(name="apple").attempts == erasing.MAX_REVOCATIONS
    assert "Sign in with Apple" in mail.outbox[-1].body


def test_erase__events_still_on_their_way__are_waited_for(client: SignedInClient) -> None:
    client.delete("/v1/auth/me")  # whose events nobody has delivered
    Erasure.objects.update(executes_at=timezone.now())

    erasing.erase_due()

    step = ErasureStep.objects.get(name="events")
    assert (step.status, step.error) == ("pending", "Events about the person are still being delivered.")
    assert the_erasure().status == "running"
    after_grace()
    assert the_erasure().status == "done"


def test_deletion__asked_for_at_a_provider__is_scheduled_here(freelancer: User) -> None:
    with transaction.atomic():
        publish(DeletionRequested(aggregate_id=freelancer.id, origin="facebook"))
    events.dispatch()

    erasure = the_erasure()
    assert (erasure.status, erasure.source, erasure.user_id) == ("scheduled", "provider", freelancer.id)
    assert mail.outbox[-1].to == [freelancer.email]
