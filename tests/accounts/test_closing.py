"""Closing an account for good."""

import pytest
from django.db import transaction
from django.test import Client

from accounts.errors import AccountIsClosed
from accounts.events import AccountClosed
from accounts.models import DeviceSession, User
from accounts.services import closing, profile
from events.models import OutboxEvent
from tests.accounts.actors import SignIn

pytestmark = pytest.mark.django_db


def closures() -> list[tuple[str, str, str]]:
    found = OutboxEvent.objects.filter(name=AccountClosed.name)
    return [(each.aggregate, str(each.aggregate_id), str(each.actor_id)) for each in found]


def test_close__again__is_told_once(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)

    assert {closing.close(user_id=freelancer.id) for _ in range(2)} == {freelancer.email}

    assert closures() == [("account", str(freelancer.id), str(freelancer.id))]
    assert not User.objects.get().is_active
    assert DeviceSession.objects.get().revoked_reason == "revoked"
    assert client.get("/v1/auth/me").status_code == 401


def test_close__ends_what_is_no_session_too(staff: User) -> None:
    at_the_staff_site = Client()
    at_the_staff_site.force_login(staff)
    assert at_the_staff_site.get("/admin/").status_code == 200

    closing.sign_out_everywhere(user_id=staff.id)

    assert at_the_staff_site.get("/admin/").status_code == 302


def test_reinstate__closed_for_good__is_refused(freelancer: User, staff: User) -> None:
    closing.close(user_id=freelancer.id)

    with pytest.raises(AccountIsClosed):
        profile.reinstate(actor=staff.id, user_id=freelancer.id, reason="A mistake")

    freelancer.refresh_from_db()
    assert not freelancer.is_active


def test_close__taken_back__is_not_told(freelancer: User) -> None:
    with transaction.atomic():
        closing.close(user_id=freelancer.id)
        transaction.set_rollback(True)

    assert (closures(), User.objects.get().is_active) == ([], True)


def test_close__suspended__was_withheld_before(freelancer: User, staff: User) -> None:
    profile.suspend(actor=staff.id, user_id=freelancer.id, reason="fraud")

    closing.close(user_id=freelancer.id)

    assert closures() == []
