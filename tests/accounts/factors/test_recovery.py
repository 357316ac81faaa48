"""Getting back in when the phone and the recovery codes are lost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.models import AccountRecovery, DeviceSession, EmailChange, TotpFactor, User
from core.testing.jobs import CapturedJobs
from core.testing.races import race, repeat, winners
from events.models import OutboxEvent
from tests.accounts.guarded import Guarded, login, verify

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_old_mail(enqueued_jobs: CapturedJobs, request: pytest.FixtureRequest) -> None:
    if "guarded" in request.fixturenames:
        request.getfixturevalue("guarded")
    enqueued_jobs.run(times=1)
    mail.outbox.clear()


def start(email: str) -> Any:
    return APIClient().post("/v1/auth/recovery/start", {"email": email}, format="json")


def go_on(token: str) -> Any:
    return APIClient().post("/v1/auth/recovery/continue", {"token": token}, format="json")


def mailed_token(jobs: CapturedJobs) -> str:
    jobs.run(times=1)
    found = re.search(r"/v1/auth/recovery/(?:cancel/)?([\w-]{43})", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def begun(guarded: Guarded, jobs: CapturedJobs) -> str:
    """The token of a recovery that waits."""
    start(guarded.user.email)
    token = mailed_token(jobs)
    answer = go_on(token)
    assert (answer.status_code, answer.json()["status"]) == (200, "waiting")
    return token


def test_recovery__after_the_wait__takes_the_second_factor_away(
    guarded: Guarded, clock: Any, enqueued_jobs: CapturedJobs
) -> None:
    token = begun(guarded, enqueued_jobs)
    assert guarded.client.get("/v1/auth/me").status_code == 200
    assert login(guarded.user).json()["code"] == "second_factor_required"

    early = go_on(token)
    assert (early.status_code, early.json()["code"]) == (409, "recovery_waiting")
    clock.shift(timedelta(hours=71, minutes=59))
    assert go_on(token).status_code == 409
    clock.shift(61)
    done = go_on(token)

    assert (done.status_code, done.json()) == (200, {"status": "done", "ready_at": None})
    assert not TotpFactor.objects.exists()
    assert not DeviceSession.objects.filter(revoked_at=None).exists()
    user = User.objects.get()
    assert not user.has_second_factor
    assert user.payouts_held_until == timezone.now() + timedelta(hours=24)
    assert login(guarded.user).status_code == 200
    assert go_on(token).json()["code"] == "invalid_link"
    enqueued_jobs.run(times=1)
    assert "Your second factor was removed" in [message.subject for message in mail.outbox]


def test_recovery__started__is_told_with_a_way_to_stop_it(guarded: Guarded, enqueued_jobs: CapturedJobs) -> None:
    token = begun(guarded, enqueued_jobs)
    stop = mailed_token(enqueued_jobs)
    assert mail.outbox[-1].subject == "Your second factor is about to be removed"

    page = APIClient().get(f"/v1/auth/recovery/cancel/{stop}")
    assert page.status_code == 200
    assert AccountRecovery.objects.exists()
    assert APIClient().post(f"/v1/auth/recovery/cancel/{stop}").status_code == 200

    assert go_on(token).json()["code"] == "invalid_link"
    assert TotpFactor.objects.exists()
    assert AuditEntry.objects.filter(action="recovery.cancelled").get().reason == "cancelled_by_mail"


def test_recovery__former_address__is_told_as_well(guarded: Guarded, enqueued_jobs: CapturedJobs) -> None:
    EmailChange.objects.create(
        user=guarded.user,
        old_email="former@example.com",
        new_email=guarded.user.email,
        session_id=guarded.user.id,
        security_version=1,
        is_revertible=True,
        confirmed_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=6),
    )
    begun(guarded, enqueued_jobs)
    enqueued_jobs.run(times=1)

    told = {message.to[0] for message in mail.outbox if message.subject == "Your second factor is about to be removed"}
    assert told == {guarded.user.email, "former@example.com"}


def test_recovery__stopped_by_a_session__leaves_everything(
    guarded: Guarded, clock: Any, enqueued_jobs: CapturedJobs
) -> None:
    token = begun(guarded, enqueued_jobs)
    clock.shift(400)  # no fresh proof is asked for

    assert guarded.client.post("/v1/auth/recovery/cancel", {}, format="json").status_code == 200

    clock.shift(timedelta(hours=73))
    assert go_on(token).json()["code"] == "invalid_link"
    assert TotpFactor.objects.exists()


def test_recovery__nothing_to_stop__is_not_found(guarded: Guarded) -> None:
    assert guarded.client.post("/v1/auth/recovery/cancel", {}, format="json").status_code == 404


def test_recovery__owner_shows_the_factor__is_over(guarded: Guarded, enqueued_jobs: CapturedJobs) -> None:
    token = begun(guarded, enqueued_jobs)

    assert verify(guarded.challenge(), guarded.app.now()).status_code == 200

    assert go_on(token).json()["code"] == "invalid_link"


def test_recovery__asked_for_again__goes_on_waiting_under_the_new_link(
    guarded: Guarded, clock: Any, enqueued_jobs: CapturedJobs
) -> None:
    first = begun(guarded, enqueued_jobs)
    enqueued_jobs.run(times=1)
    clock.shift(timedelta(hours=73))
    start(guarded.user.email)
    second = mailed_token(enqueued_jobs)

    assert go_on(first).json()["code"] == "invalid_link"
    assert go_on(second).json()["status"] == "done"


def test_recovery__link_not_followed_within_an_hour__is_over(
    guarded: Guarded, clock: Any, enqueued_jobs: CapturedJobs
) -> None:
    start(guarded.user.email)
    token = mailed_token(enqueued_jobs)
    clock.shift(3601)

    assert go_on(token).json()["code"] == "invalid_link"


def test_recovery__page__begins_waits_and_ends(guarded: Guarded, clock: Any, enqueued_jobs: CapturedJobs) -> None:
    start(guarded.user.email)
    path = f"/v1/auth/recovery/{mailed_token(enqueued_jobs)}"

    assert APIClient().get(path).status_code == 200
    assert AccountRecovery.objects.get().ready_at is None
    begun_page = APIClient().post(path)
    assert "Come back with the same link after" in begun_page.content.decode()
    assert APIClient().post(path).status_code == 409
    clock.shift(timedelta(hours=72, seconds=1))
    assert "has no second factor any more" in APIClient().post(path).content.decode()


def test_start__known_and_unknown__are_answered_alike(
    guarded: Guarded, make_user: Any, enqueued_jobs: CapturedJobs
) -> None:
    # case 22
    plain = make_user()
    answers = [start(address) for address in (guarded.user.email, plain.email, "nobody@example.com", "no address")]

    assert {answer.status_code for answer in answers} == {202}
    assert len({str(answer.json()) for answer in answers}) == 1
    assert OutboxEvent.objects.filter(name="account.recovery.requested", actor_id=None).count() == 4
    enqueued_jobs.run(times=1)
    assert sorted((message.to[0], message.subject) for message in mail.outbox) == sorted(
        [(guarded.user.email, "Sign in without your second factor"), (plain.email, "Choose a new password")]
    )


def test_recovery__finished_many_times_at_once__happens_once(
    guarded: Guarded, clock: Any, enqueued_jobs: CapturedJobs
) -> None:
    token = begun(guarded, enqueued_jobs)
    clock.shift(timedelta(hours=73))

    answers = winners(race(*repeat(lambda: go_on(token), 4)))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert User.objects.get().security_version == 3  # by enabling the factor, and by this
