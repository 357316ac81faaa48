"""Setting up an authenticator app, and what that puts an end to."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from access.models import AuditEntry
from accounts.models import AccountRecovery
from core.testing.jobs import CapturedJobs
from tests.accounts.authenticators import Authenticator, begin_sign_in, register, sign_in_with
from tests.accounts.factors.test_recovery import begun, go_on
from tests.accounts.guarded import Guarded, bearer, confirm, enrol

pytestmark = pytest.mark.django_db(transaction=True)


def test_confirm__while_a_recovery_waits__ends_it(guarded: Guarded, clock: Any, enqueued_jobs: CapturedJobs) -> None:
    """Who lost the phone, begins a recovery and comes in by a passkey meanwhile, keeps the app set up anew."""
    key = Authenticator()
    assert register(guarded.client, key).status_code == 201
    enqueued_jobs.run(times=1)
    mail.outbox.clear()
    token = begun(guarded, enqueued_jobs)
    clock.shift(3600)
    client = bearer(sign_in_with(key.sign_in(begin_sign_in())).json()["access_token"])

    enrolment, app = enrol(client)
    assert confirm(client, enrolment, app.now()).status_code == 200

    clock.shift(timedelta(hours=73))
    assert go_on(token).json()["code"] == "invalid_link"
    assert not AccountRecovery.objects.exists()
    assert AuditEntry.objects.get(action="recovery.cancelled").reason == "proved"
    guarded.user.refresh_from_db()
    assert guarded.user.has_second_factor


def test_confirm__wrong_code_while_a_recovery_waits__ends_nothing(
    guarded: Guarded, enqueued_jobs: CapturedJobs
) -> None:
    enqueued_jobs.run(times=1)
    mail.outbox.clear()
    begun(guarded, enqueued_jobs)
    enrolment, _ = enrol(guarded.client)

    assert confirm(guarded.client, enrolment, "000000").status_code == 400

    assert AccountRecovery.objects.exists()
