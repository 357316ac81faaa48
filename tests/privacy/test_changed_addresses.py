"""Deletions of an account that moves from one address to another, as thieves make it do."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from core.testing.jobs import CapturedJobs
from privacy.models import Erasure
from privacy.types import ErasureStatus
from tests.accounts.actors import MakeUser, SignIn
from tests.accounts.factors.test_email_change import NEW, ask, mailed_path

pytestmark = pytest.mark.django_db(transaction=True)
OLD = "old@example.com"


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(email=OLD, email_verified_at=timezone.now())


def _ask_for_deletion(address: str, jobs: CapturedJobs) -> str:
    """The path of the link that the form has mailed."""
    APIClient().post("/v1/privacy/deletion-requests", {"email": address}, format="json")
    jobs.run(times=1)
    return _deletion_link(address)


def _deletion_link(address: str) -> str:
    bodies = [str(message.body) for message in mail.outbox if message.to == [address]]
    newest = next(body for body in reversed(bodies) if "/privacy/delete-account/" in body)
    return "/privacy/delete-account/" + newest.partition("/privacy/delete-account/")[2].split()[0]


def _change_address(owner: User, sign_in: SignIn, jobs: CapturedJobs) -> str:
    """Move to the new address; the path of the link that takes it back."""
    ask(sign_in(owner))
    assert APIClient().post(mailed_path(jobs, NEW)).status_code == 200
    return mailed_path(jobs, OLD)


def _statuses() -> list[str]:
    return list(Erasure.objects.order_by("id").values_list("status", flat=True))


def test_link__mailed_to_an_address_left_since__is_void(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    page = _ask_for_deletion(OLD, enqueued_jobs)
    assert Client().get(page).status_code == 200
    _change_address(owner, sign_in, enqueued_jobs)

    assert Client().get(page).status_code == 400
    assert Client().post(page, {"action": "delete"}).status_code == 400
    assert _statuses() == [ErasureStatus.REQUESTED]


def test_link__of_a_planned_deletion__goes_to_the_new_address_and_is_void_at_the_old_one(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    former = _ask_for_deletion(OLD, enqueued_jobs)
    assert Client().post(former, {"action": "delete"}).status_code == 200
    _change_address(owner, sign_in, enqueued_jobs)
    enqueued_jobs.run(times=1)

    assert Client().post(former, {"action": "keep"}).status_code == 400
    assert _statuses() == [ErasureStatus.SCHEDULED]
    assert Client().post(_deletion_link(NEW), {"action": "keep"}).status_code == 200
    assert _statuses() == [ErasureStatus.CANCELLED]


def test_deletion__planned_by_whoever_changed_the_address__ends_as_the_owner_takes_it_back(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    way_back = _change_address(owner, sign_in, enqueued_jobs)
    assert sign_in(User.objects.get(id=owner.id)).delete("/v1/auth/me").status_code == 202
    enqueued_jobs.run(times=1)
    thiefs = _deletion_link(NEW)

    assert APIClient().post(way_back).status_code == 200
    assert Client().post(thiefs, {"action": "delete"}).status_code == 400
    enqueued_jobs.run(times=1)

    assert _statuses() == [ErasureStatus.CANCELLED]
    assert "it is kept" in str(next(each.body for each in mail.outbox if each.subject == "Your e-mail address is back"))
