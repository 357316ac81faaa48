"""Which device a sign-in counts as: an id is told by every token, so naming one proves nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Device, DeviceSession, User
from accounts.types import EndReason
from core.http.access import Assurance
from core.testing.jobs import CapturedJobs
from core.testing.queries import counted_queries
from tests.accounts.actors import PASSWORD
from tests.accounts.guarded import bearer

pytestmark = pytest.mark.django_db(transaction=True)

HOME, ELSEWHERE = "198.51.100.9", "203.0.113.77"
PHONE = {"platform": "ios", "name": "Phone"}


def login(user: User, device: dict[str, str], network: str = HOME, user_agent: str = "Gigvora/1.0 (iOS)") -> Any:
    body = {"email": user.email, "password": PASSWORD, "device": device}
    client = APIClient(REMOTE_ADDR=network, HTTP_USER_AGENT=user_agent)
    answer = client.post("/v1/auth/login", body, format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def trust(device_id: str) -> None:
    until = timezone.now() + timedelta(days=1)
    Device.objects.filter(id=device_id).update(assurance=Assurance.STRONG, assured_until=until)


def level_of(answer: Any) -> Assurance:
    return Assurance(Device.objects.get(id=answer["device"]["id"]).assurance)


def end_sessions() -> None:
    DeviceSession.objects.update(revoked_at=timezone.now(), revoked_reason=EndReason.LOGOUT)


@pytest.fixture
def phone(freelancer: User) -> dict[str, str]:
    """What a phone says of itself that is signed in and in use."""
    answer = login(freelancer, PHONE)
    assert bearer(answer["access_token"]).get("/v1/auth/me").status_code == 200
    return {**PHONE, "id": answer["device"]["id"]}


@pytest.mark.parametrize("stranger", [{"network": ELSEWHERE}, {"user_agent": "curl"}])
def test_naming__device_that_another_client_is_on__gets_one_of_its_own(
    freelancer: User, phone: dict[str, str], stranger: dict[str, str]
) -> None:
    named = login(freelancer, phone, **stranger)

    trust(phone["id"])  # as the phone attests again

    assert named["device"]["id"] != phone["id"]
    assert level_of(named) == Assurance.NONE


def test_naming__device_that_another_client_is_on__is_told_to_the_owner(
    freelancer: User, phone: dict[str, str], enqueued_jobs: CapturedJobs
) -> None:
    enqueued_jobs.run(times=1)
    mail.outbox.clear()

    login(freelancer, phone, ELSEWHERE)

    enqueued_jobs.run(times=1)
    assert [message.to for message in mail.outbox] == [[freelancer.email]]


def test_naming__trusted_device_in_use__neither_shares_nor_takes_its_trust(
    freelancer: User, phone: dict[str, str]
) -> None:
    trust(phone["id"])

    alike = login(freelancer, phone)

    assert level_of(alike) == Assurance.NONE
    assert Device.objects.get(id=phone["id"]).assurance == Assurance.STRONG


def test_naming__trusted_device_that_nobody_is_on__gets_it_back_without_trust(
    freelancer: User, phone: dict[str, str]
) -> None:
    trust(phone["id"])
    end_sessions()

    again = login(freelancer, phone)

    assert (again["device"]["id"], level_of(again)) == (phone["id"], Assurance.NONE)


def test_showing_the_fingerprint__of_a_trusted_device__keeps_its_trust(freelancer: User) -> None:
    known = {**PHONE, "fingerprint": "abc"}
    device_id = login(freelancer, known)["device"]["id"]
    trust(device_id)

    again = login(freelancer, {**known, "id": device_id}, ELSEWHERE)

    assert (again["device"]["id"], level_of(again)) == (device_id, Assurance.STRONG)


@pytest.mark.parametrize(("network", "mails"), [(HOME, 0), (ELSEWHERE, 1)])
def test_naming__device_that_nobody_is_on__is_told_to_the_owner_from_elsewhere(
    freelancer: User, phone: dict[str, str], enqueued_jobs: CapturedJobs, network: str, mails: int
) -> None:
    end_sessions()
    enqueued_jobs.run(times=1)
    mail.outbox.clear()

    again = login(freelancer, phone, network)

    enqueued_jobs.run(times=1)
    assert again["device"]["id"] == phone["id"]
    assert len(mail.outbox) == mails


def test_naming__again_and_again_from_one_place__stays_one_device(freelancer: User, phone: dict[str, str]) -> None:
    for _ in range(5):
        assert login(freelancer, phone)["device"]["id"] == phone["id"]

    assert Device.objects.count() == 1


def test_naming__after_an_update_of_the_system__is_the_same_device(freelancer: User, phone: dict[str, str]) -> None:
    end_sessions()

    again = login(freelancer, {**phone, "os_version": "19.0"}, user_agent="Gigvora/2.0 (iOS 19)")

    assert (again["device"]["id"], again["device"]["os_version"]) == (phone["id"], "19.0")


def test_naming__with_more_devices_and_sessions__asks_as_many_queries(freelancer: User, phone: dict[str, str]) -> None:
    login(freelancer, phone)
    with counted_queries() as few:
        login(freelancer, phone)
    for network in range(4):
        login(freelancer, PHONE, f"192.0.2.{network}")
    with counted_queries() as many:
        login(freelancer, phone)

    assert len(few) == len(many), f"{few}\n\n{many}"
