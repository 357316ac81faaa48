from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from access.selectors import grants_of
from accounts.demo import DOMAIN, PASSWORD
from accounts.models import Device, DeviceSession, MailedToken, User
from accounts.services import housekeeping, links, profile
from accounts.services.housekeeping import clear_away
from accounts.types import Purpose
from core.http.access import Audience
from core.jobs import jobs
from events.models import OutboxEvent
from tests.accounts.actors import SignIn

pytestmark = pytest.mark.django_db


def test_clear_away__long_over__deletes_what_is_over_and_only_that(freelancer: User, sign_in: SignIn) -> None:
    start = timezone.now()
    with time_machine.travel(start - timedelta(days=130), tick=False):
        sign_in(freelancer, Audience.IOS, name="forgotten")
    links.mail_link(purpose=Purpose.VERIFY_EMAIL, user_id=freelancer.id)
    kept = sign_in(freelancer, Audience.WEB)

    clear_away()
    clear_away()

    assert DeviceSession.objects.get().id == kept.signed_in.session.id
    assert Device.objects.get().id == kept.signed_in.session.device_id
    assert MailedToken.objects.count() == 1
    with time_machine.travel(start + timedelta(days=4), tick=False):
        clear_away()
    assert not MailedToken.objects.exists()


def test_clear_away__more_unused_devices_than_a_batch__deletes_them_all(
    freelancer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    with time_machine.travel(timezone.now() - timedelta(days=130)):
        for name in ("one", "two", "three", "four"):
            sign_in(freelancer, Audience.IOS, name=name)

    clear_away()

    assert not Device.objects.exists()


def test_clear_away__declared__runs_by_itself() -> None:
    assert {job.name: job.every for job in jobs()}["accounts.clear_away"] == timedelta(hours=6)


def test_demo__seeded_twice__has_one_person_of_each_kind(db: None) -> None:
    call_command("seed_demo")
    before = list(User.objects.order_by("id").values())
    call_command("seed_demo")

    assert list(User.objects.order_by("id").values()) == before
    people = {user.email: user for user in User.objects.filter(email__endswith=DOMAIN)}
    assert {email: sorted(grants_of(user.id).roles) for email, user in people.items()} == {
        f"freelancer@{DOMAIN}": ["freelancer"],
        f"client@{DOMAIN}": ["client"],
        f"mentor@{DOMAIN}": ["mentor"],
        f"support@{DOMAIN}": ["support"],
        f"lead@{DOMAIN}": ["support_lead"],
        f"marketing@{DOMAIN}": ["marketing"],
        f"finance@{DOMAIN}": ["finance_ops"],
        f"admin@{DOMAIN}": ["admin"],
    }
    assert all(user.check_password(PASSWORD) and user.is_email_verified for user in people.values())
    assert [user.email for user in people.values() if user.is_superuser] == [f"admin@{DOMAIN}"]


def test_suspend_and_reinstate__account__closes_and_opens_it(freelancer: User, staff: User, sign_in: SignIn) -> None:
    sign_in(freelancer)

    profile.suspend(actor=staff.id, user_id=freelancer.id, reason="fraud")
    freelancer.refresh_from_db()
    assert (freelancer.is_active, freelancer.security_version) == (False, 2)
    assert DeviceSession.objects.get().revoked_reason == "suspended"
    profile.reinstate(actor=staff.id, user_id=freelancer.id, reason="cleared")
    freelancer.refresh_from_db()
    assert freelancer.is_active

    names = OutboxEvent.objects.filter(aggregate="freelancer").order_by("id").values_list("name", flat=True)
    assert list(names) == ["freelancer.suspended", "freelancer.reinstated"]
