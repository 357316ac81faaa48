"""Old rows change or go when their time has come, once, in batches, and one failing rule stops no other."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from access import append_only, chain
from access.models import AuditEntry
from access.services import record
from accounts.models import DeviceSession, User
from core import context
from core.contributions.privacy import coarse_address, personal_data
from privacy import shredder
from privacy.models import AgeingProgress, ConsentEntry, Erasure, PrivacyRequest
from privacy.services import ageing, deletion, requests
from privacy.services.consents import opt_out_address
from privacy.types import RequestKind, Source
from tests.accounts.actors import SignedInClient, SignIn

pytestmark = pytest.mark.django_db
LATER = timedelta(days=91)


def let_age(later: timedelta) -> int:
    with time_machine.travel(timezone.now() + later):
        return ageing.let_age()


@pytest.mark.parametrize(
    ("address", "coarse"),
    [
        ("198.51.100.77", "198.51.100.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:198.51.100.77", "198.51.100.0"),
        ("", ""),
        (None, ""),
        ("unix:", ""),
    ],
)
def test_coarse_address__any__is_its_network(address: str | None, coarse: str) -> None:
    assert coarse_address(address) == coarse


def test_addresses_of_sessions__after_ninety_days__lose_their_last_part_once(sign_in: SignIn, freelancer: User) -> None:
    old = sign_in(freelancer).signed_in.session
    DeviceSession.objects.update(ip_address="198.51.100.77")
    assert let_age(timedelta(days=89)) == 0
    assert let_age(LATER) >= 1

    old.refresh_from_db()
    assert old.ip_address == "198.51.100.0"
    DeviceSession.objects.update(ip_address="198.51.100.99")  # a row that the rule has passed
    let_age(LATER)
    old.refresh_from_db()
    assert old.ip_address == "198.51.100.99"


def test_audit_trail__after_ninety_days__keeps_networks_and_its_chain(freelancer: User) -> None:
    append_only.protect()
    with context.scope(context.Context(client_ip="198.51.100.77", user_agent="Gigvora/1.0")):
        record(action="login.success", outcome="success", user_id=freelancer.id, reason="kept")
    chain.seal()

    let_age(LATER)

    entry = AuditEntry.objects.get(reason="kept")
    assert (entry.ip, entry.user_agent) == ("198.51.100.0", "")
    with time_machine.travel(timezone.now() + LATER):
        assert list(chain.verify()) == []


def test_staff_log__after_ninety_days__is_deleted(freelancer: User) -> None:
    LogEntry.objects.create(user=freelancer, object_id="1", object_repr="somebody", action_flag=1)

    assert let_age(timedelta(days=89)) == 0
    assert LogEntry.objects.count() == 1
    let_age(LATER)
    assert LogEntry.objects.count() == 0


def test_consents__three_years_after__go_with_the_erased_alone(freelancer: User, other_freelancer: User) -> None:
    for user in (freelancer, other_freelancer):
        opt_out_address(email=user.email)
    Erasure.objects.create(user_id=freelancer.id, status="done", source="app", finished_at=timezone.now())

    let_age(timedelta(days=3 * 366 - 1))
    assert ConsentEntry.objects.count() == 2
    let_age(timedelta(days=3 * 366 + 1))

    assert ConsentEntry.objects.values_list("user_id", flat=True).get() == other_freelancer.id


def test_requests__three_years_after_they_were_closed__are_deleted() -> None:
    opt_out_address(email="nora@example.com")
    requests.receive(kind=RequestKind.CORRECT, source=Source.APP)

    let_age(timedelta(days=3 * 366 + 1))

    assert PrivacyRequest.objects.values_list("kind", flat=True).get() == "correct"


def test_contact__of_a_receipt_that_could_not_be_sent__is_forgotten_after_a_week() -> None:
    Erasure.objects.create(
        user_id="01a1fc28-ad53-7683-a107-995bc04246ef", status="done", source="app", finished_at=timezone.now(),
        contact=b"sealed",
    )  # fmt: skip

    let_age(timedelta(days=8))

    assert bytes(Erasure.objects.get().contact) == b""


def test_rules__each__has_a_name_of_its_own_and_leaves_a_trace() -> None:
    let_age(timedelta(0))

    names = [rule.name for personal in personal_data() for rule in personal.ageing]
    assert len(names) == len(set(names))
    assert set(AgeingProgress.objects.values_list("rule", flat=True)) == set(names)


def test_rule__that_fails__stops_no_other(monkeypatch: pytest.MonkeyPatch, freelancer: User) -> None:
    LogEntry.objects.create(user=freelancer, object_id="1", object_repr="somebody", action_flag=1)
    remove = shredder.remove

    def refuse(personal: Any, rows: Any) -> int:
        if personal.collection == "consents":
            raise RuntimeError
        return remove(personal, rows)

    monkeypatch.setattr(shredder, "remove", refuse)
    let_age(LATER)

    assert LogEntry.objects.count() == 0
    assert not AgeingProgress.objects.filter(rule="consents.delete").exists()


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_deletions__called_off_or_never_confirmed__go_after_three_years(
    client: SignedInClient, sign_in: SignIn, freelancer: User, end: str
) -> None:
    if end == "cancelled":
        client.delete("/v1/auth/me")
        body = sign_in(freelancer).delete("/v1/auth/me/deletion").json()
        assert (body["status"], body["finished_at"]) == ("cancelled", None)
    else:
        deletion.mail_confirmation(user_id=freelancer.id)
        with time_machine.travel(timezone.now() + timedelta(days=2)):
            assert deletion.expire_unconfirmed() == 1
    assert Erasure.objects.get().status == end

    let_age(timedelta(days=3 * 365))
    assert Erasure.objects.count() == 1
    let_age(timedelta(days=3 * 366 + 3))
    assert Erasure.objects.count() == 0
