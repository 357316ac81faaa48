"""Which device a sign-in counts as: an id is told by every token, so naming one proves nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Device, DeviceSession, User
from accounts.services import sessions
from accounts.types import DeviceClaim, EndReason, Method, Platform
from core import context
from core.http.access import Assurance
from core.testing.jobs import CapturedJobs
from core.testing.queries import counted_queries
from tests.accounts.actors import PASSWORD
from tests.accounts.guarded import bearer

pytestmark = pytest.mark.django_db(transaction=True)

HOME, ELSEWHERE = "198.51.100.9", "203.0.113.77"
APP, UPDATED = "Gigvora/1.0 (iOS)", "Gigvora/1.1 (iOS)"
PHONE = {"platform": "ios", "name": "Phone"}
OWNERS, THIEFS = "K" * 43, "T" * 43


def login(user: User, device: dict[str, str], network: str = HOME, user_agent: str = APP) -> Any:
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


def begin(user: User, key: str, device_id: UUID | None = None, network: str = HOME) -> DeviceSession:
    """A sign-in by a client that holds a key."""
    claim = DeviceClaim(platform=Platform.IOS, name="Phone", id=device_id, proof_key=key)
    with context.scope(context.Context(client_ip=network, user_agent=APP)):
        return sessions.start(user=user, claim=claim, methods=(Method.PASSWORD,))


def level(session: DeviceSession) -> Assurance:
    return Assurance(Device.objects.get(sessions=session).assurance)


@pytest.fixture
def phone(freelancer: User) -> dict[str, str]:
    """What a phone says of itself that is signed in and in use."""
    answer = login(freelancer, PHONE)
    assert bearer(answer["access_token"]).get("/v1/auth/me").status_code == 200
    return {**PHONE, "id": answer["device"]["id"]}


@pytest.fixture
def mails(freelancer: User, phone: dict[str, str], enqueued_jobs: CapturedJobs) -> Callable[[], int]:
    """How many mails the phone's owner got since."""
    enqueued_jobs.run(times=1)
    mail.outbox.clear()

    def count() -> int:
        enqueued_jobs.run(times=1)
        assert {*(message.to[0] for message in mail.outbox)} <= {freelancer.email}
        return len(mail.outbox)

    return count


@pytest.mark.parametrize("client", [{}, {"network": ELSEWHERE}, {"user_agent": UPDATED}])
def test_naming__trusted_device_in_use__gets_one_of_its_own_and_is_told_to_the_owner(
    freelancer: User, phone: dict[str, str], mails: Callable[[], int], client: dict[str, str]
) -> None:
    trust(phone["id"])

    named = login(freelancer, phone, **client)

    assert named["device"]["id"] != phone["id"]
    assert mails() == 1


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


@pytest.mark.parametrize("is_over", [False, True])
@pytest.mark.parametrize(
    ("client", "told"),
    [
        ({}, 0),
        ({"network": ELSEWHERE}, 0),
        ({"user_agent": UPDATED}, 0),
        ({"network": ELSEWHERE, "user_agent": "curl"}, 1),
        ({"network": "", "user_agent": "curl"}, 1),
    ],
)
def test_naming__untrusted_device__gets_it_and_is_told_to_the_owner_from_elsewhere(
    freelancer: User,
    phone: dict[str, str],
    mails: Callable[[], int],
    *,
    client: dict[str, str],
    told: int,
    is_over: bool,
) -> None:
    if is_over:
        end_sessions()

    again = login(freelancer, phone, **client)

    assert (again["device"]["id"], mails()) == (phone["id"], told)


@pytest.mark.parametrize(("user_agent", "told"), [(UPDATED, 0), ("curl", 1)])
def test_naming__trusted_device_that_nobody_is_on__is_told_to_the_owner_from_elsewhere(
    freelancer: User, phone: dict[str, str], mails: Callable[[], int], user_agent: str, told: int
) -> None:
    trust(phone["id"])
    end_sessions()

    again = login(freelancer, phone, HOME if user_agent == UPDATED else ELSEWHERE, user_agent)

    assert (again["device"]["id"], level_of(again), mails()) == (phone["id"], Assurance.NONE, told)


def test_naming__from_all_over_without_an_answer__stays_one_device(
    freelancer: User, phone: dict[str, str], mails: Callable[[], int]
) -> None:
    for number in range(4):
        assert login(freelancer, phone, f"203.0.113.{number}")["device"]["id"] == phone["id"]
    assert login(freelancer, phone, user_agent=UPDATED)["device"]["id"] == phone["id"]

    assert (Device.objects.count(), mails()) == (1, 0)


def test_naming__from_other_addresses_of_one_ipv6_network__is_from_the_same_place(
    freelancer: User, enqueued_jobs: CapturedJobs
) -> None:
    known = {**PHONE, "id": login(freelancer, PHONE, "2001:db8:1:2::a")["device"]["id"]}
    enqueued_jobs.run(times=1)
    mail.outbox.clear()

    same = login(freelancer, known, "2001:db8:1:2:ffff::b", user_agent=UPDATED)
    enqueued_jobs.run(times=1)
    assert (same["device"]["id"], len(mail.outbox)) == (known["id"], 0)

    login(freelancer, known, "2001:db8:1:3::a", user_agent="curl")
    enqueued_jobs.run(times=1)
    assert len(mail.outbox) == 1


def test_naming__where_no_address_is_known__is_from_the_same_place(
    freelancer: User, enqueued_jobs: CapturedJobs
) -> None:
    known = {**PHONE, "id": login(freelancer, PHONE, "")["device"]["id"]}
    enqueued_jobs.run(times=1)
    mail.outbox.clear()

    again = login(freelancer, known, "", UPDATED)

    enqueued_jobs.run(times=1)
    assert (again["device"]["id"], len(mail.outbox)) == (known["id"], 0)


def test_naming__when_no_session_is_kept_any_more__is_told_to_the_owner(
    freelancer: User, phone: dict[str, str], mails: Callable[[], int]
) -> None:
    DeviceSession.objects.all().delete()

    assert (login(freelancer, phone)["device"]["id"], mails()) == (phone["id"], 1)


def test_key__of_all_sessions_of_a_device__keeps_its_trust(freelancer: User) -> None:
    device_id = begin(freelancer, OWNERS).device_id
    trust(str(device_id))

    while_in_use = begin(freelancer, OWNERS, device_id, ELSEWHERE)
    end_sessions()
    again = begin(freelancer, OWNERS, device_id, ELSEWHERE)

    assert [(each.device_id, level(each)) for each in (while_in_use, again)] == [(device_id, Assurance.STRONG)] * 2


@pytest.mark.parametrize("other", [THIEFS, ""])
def test_key__of_some_sessions_of_a_device__takes_its_trust(freelancer: User, other: str) -> None:
    device_id = begin(freelancer, other).device_id
    end_sessions()
    begin(freelancer, OWNERS, device_id)
    end_sessions()
    trust(str(device_id))

    again = begin(freelancer, OWNERS, device_id)

    assert (again.device_id, level(again)) == (device_id, Assurance.NONE)


def test_key__planted_on_a_device__does_not_share_what_the_owner_earns(freelancer: User) -> None:
    device_id = begin(freelancer, OWNERS).device_id
    end_sessions()
    thief = begin(freelancer, THIEFS, device_id, ELSEWHERE)

    back = begin(freelancer, OWNERS, device_id)

    assert (thief.device_id == device_id, back.device_id == device_id) == (True, False)


def test_key__planted_on_a_device__does_not_come_back_to_its_trust(freelancer: User) -> None:
    device_id = begin(freelancer, OWNERS).device_id
    end_sessions()
    begin(freelancer, THIEFS, device_id, ELSEWHERE)
    end_sessions()
    trust(str(device_id))

    again = begin(freelancer, THIEFS, device_id, ELSEWHERE)

    assert (again.device_id, level(again)) == (device_id, Assurance.NONE)


def test_no_key__of_all_sessions_of_a_device__proves_nothing(freelancer: User, phone: dict[str, str]) -> None:
    trust(phone["id"])

    assert begin(freelancer, "", UUID(phone["id"])).device_id != UUID(phone["id"])


def test_naming__untrusted_device_in_use_by_a_key__gets_one_of_its_own(freelancer: User) -> None:
    device_id = begin(freelancer, THIEFS).device_id

    assert begin(freelancer, "", device_id).device_id != device_id
    assert begin(freelancer, OWNERS, device_id).device_id != device_id


def test_naming__again_and_again_from_one_place__stays_one_device(freelancer: User, phone: dict[str, str]) -> None:
    for _ in range(5):
        assert login(freelancer, phone)["device"]["id"] == phone["id"]

    assert Device.objects.count() == 1


def test_naming__after_an_update_of_the_system__is_the_same_device(freelancer: User, phone: dict[str, str]) -> None:
    end_sessions()

    again = login(freelancer, {**phone, "os_version": "19.0"}, user_agent="Gigvora/2.0 (iOS 19)")

    assert (again["device"]["id"], again["device"]["os_version"]) == (phone["id"], "19.0")


def test_naming__asks_no_more_than_a_fingerprint_unless_the_agent_is_new(
    freelancer: User, phone: dict[str, str]
) -> None:
    shown = {**PHONE, "fingerprint": "abc"}
    login(freelancer, shown)
    with counted_queries() as proved:
        login(freelancer, shown)
    with counted_queries() as named:
        login(freelancer, phone)
    with counted_queries() as updated:
        login(freelancer, phone, user_agent=UPDATED)

    assert len(named) == len(proved), f"{proved}\n\n{named}"
    assert len(updated) == len(proved) + 1, f"{proved}\n\n{updated}"


def test_naming__with_more_devices_and_sessions__asks_as_many_queries(freelancer: User, phone: dict[str, str]) -> None:
    login(freelancer, phone)
    with counted_queries() as few:
        login(freelancer, phone)
    for network in range(3):  # not so many that old sessions have to go
        login(freelancer, PHONE, f"192.0.2.{network}")
        login(freelancer, phone)
    with counted_queries() as many:
        login(freelancer, phone)

    assert len(few) == len(many), f"{few}\n\n{many}"
