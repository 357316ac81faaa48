"""Attesting a device by the API: its level rises by evidence, falls by bad news and by time, and counts at once."""

from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from access.models import AuditEntry
from access.services import authorize
from accounts.models import AttestationKey, Device, IntegritySignal, User
from accounts.services import housekeeping
from accounts.tasks import lapse_assurance
from core.http.access import Access, Assurance, Audience
from core.sealing import unseal
from events.models import OutboxEvent
from tests.accounts.actors import SignIn
from tests.accounts.attestation.conftest import Attester
from tests.accounts.attestation.forge import DEVELOPMENT, RECEIPT, Phone

pytestmark = pytest.mark.django_db(transaction=True)

STRONG = ("MEETS_BASIC_INTEGRITY", "MEETS_DEVICE_INTEGRITY", "MEETS_STRONG_INTEGRITY")


def changes() -> list[tuple[str, str, str]]:
    told = OutboxEvent.objects.filter(name="account.device.assurance_changed").order_by("id")
    return [(event.payload["before"], event.payload["after"], event.payload["reason"]) for event in told]


def test_challenge__asked_for__says_what_to_hash(iphone: Attester) -> None:
    asked = iphone.ask("attestation")

    assert asked == {
        "type": "attestation",
        "challenge": ANY,
        "client_data": f"gigvora-attestation-v1\nattestation\n{iphone.device.id}\n{asked['challenge']}",
        "expires_at": ANY,
        "assurance": "none",
    }
    assert len(asked["challenge"]) == 43  # 32 bytes


@pytest.mark.parametrize("type", ["standard", "classic", "safetynet"])
def test_challenge__for_evidence_of_another_platform__is_refused(type: str, iphone: Attester) -> None:  # noqa: A002
    answer = iphone.client.post("/v1/attestation/challenge", {"type": type}, format="json")

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/type", "wrong_platform")]


def test_web__any_route__is_not_for_it(freelancer: User, sign_in: SignIn) -> None:
    web = sign_in(freelancer, Audience.WEB)

    for route in ("challenge", "apple", "android", "integrity"):
        answer = web.post(f"/v1/attestation/{route}", {}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "audience_not_allowed")


def test_app_attest__genuine__is_strong_and_kept(iphone: Attester) -> None:
    gate = Access(assurance=Assurance.STRONG)
    assert authorize(iphone.client.principal, gate, method="GET").reason == "assurance_required"

    answer = iphone.attest()

    assert answer.status_code == 200
    assert answer.json() == {"verdict": "passed", "reason": "", "assurance": "strong", "assured_until": ANY}
    assert authorize(iphone.client.principal, gate, method="GET").allowed, "live sessions must see it at once"
    key = AttestationKey.objects.get()
    assert (key.device, bytes(key.key_id), bytes(key.public_key), key.counter, key.is_development) == (
        iphone.device,
        iphone.phone.key_id,
        iphone.phone.point,
        0,
        False,
    )
    assert RECEIPT not in bytes(key.receipt)
    assert unseal(bytes(key.receipt), purpose=b"app attest receipt") == RECEIPT
    assert changes() == [("none", "strong", "attestation")]
    entry = AuditEntry.objects.get(action="attestation.passed")
    assert entry.details == {"evidence": "attestation", "assurance": "strong"}
    assert iphone.client.get("/v1/devices").json()["data"][0]["assurance"] == "strong"


def test_app_attest__later__is_renewed_by_a_signature(iphone: Attester) -> None:
    first = iphone.attest().json()["assured_until"]

    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        answer = iphone.sign().json()

    assert (answer["verdict"], answer["assurance"]) == ("passed", "strong")
    assert answer["assured_until"] > first
    assert AttestationKey.objects.get().counter == 1
    assert len(changes()) == 1


def test_app_attest__same_key_attested_again__keeps_its_counter(iphone: Attester) -> None:
    iphone.attest()
    iphone.sign(counter=5)

    assert iphone.attest().status_code == 200

    assert iphone.sign(counter=5).json()["reason"] == "wrong_counter"
    assert AttestationKey.objects.get().counter == 5


def test_app_attest__installed_anew__replaces_the_key(iphone: Attester) -> None:
    iphone.attest()
    before = iphone.phone
    iphone.phone = Phone(before.authority, before.app_id)

    assert iphone.attest().status_code == 200

    assert bytes(AttestationKey.objects.get().key_id) == iphone.phone.key_id
    iphone.phone = before
    assert iphone.sign().json()["reason"] == "wrong_key"


def test_app_attest__development_key__is_worth_nothing_once_production_is_meant(
    iphone: Attester, settings: Settings
) -> None:
    settings.ATTESTATION_ALLOWS_DEVELOPMENT = True
    assert iphone.attest(aaguid=DEVELOPMENT).json()["assurance"] == "strong"
    assert AttestationKey.objects.get().is_development

    settings.ATTESTATION_ALLOWS_DEVELOPMENT = False

    assert iphone.sign().json()["reason"] == "wrong_key"


def test_app_attest__no_team_configured__is_unknown_and_stays(iphone: Attester, settings: Settings) -> None:
    settings.APPLE_TEAM_ID = ""

    answer = iphone.attest()

    assert (answer.status_code, answer.json()["verdict"], answer.json()["reason"]) == (200, "unknown", "not_configured")


def test_play__no_certificate_configured__is_unknown_and_stays(android: Attester, settings: Settings) -> None:
    android.play(*STRONG)
    settings.ANDROID_CERTIFICATE_FINGERPRINTS = []

    for answer in (android.play(*STRONG), android.safetynet()):
        assert (answer.status_code, answer.json()["reason"], answer.json()["assurance"]) == (
            200,
            "not_configured",
            "strong",
        )


@pytest.mark.parametrize(("labels", "level"), [(STRONG, "strong"), (STRONG[:2], "device"), (STRONG[:1], "basic")])
def test_play__classic__is_as_good_as_its_best_label(labels: tuple[str, ...], level: str, android: Attester) -> None:
    assert android.play(*labels).json()["assurance"] == level
    assert android.level.name.lower() == level


def test_play__no_label__takes_the_level_away(android: Attester) -> None:
    android.play(*STRONG)

    answer = android.play().json()

    assert answer == {"verdict": "failed", "reason": "untrusted_device", "assurance": "none", "assured_until": None}
    assert android.level is Assurance.NONE
    assert changes() == [("none", "strong", "classic"), ("strong", "none", "untrusted_device")]


def test_safetynet__genuine__is_basic_and_takes_nothing_from_better_evidence(android: Attester) -> None:
    assert android.safetynet().json() == {
        "verdict": "passed",
        "reason": "legacy",
        "assurance": "basic",
        "assured_until": ANY,
    }
    android.play(*STRONG)
    assert android.safetynet().json()["assurance"] == "strong"
    assert android.safetynet(claims={"basicIntegrity": False}).json()["assurance"] == "none"


@pytest.mark.parametrize(
    ("route", "body", "pointers"),
    [
        ("apple", {"type": "attestation"}, {"/challenge"}),
        ("apple", {"type": "attestation", "challenge": "x"}, {"/key_id", "/attestation"}),
        ("apple", {"type": "assertion", "challenge": "x", "key_id": "AAAA"}, {"/assertion"}),
        ("apple", {"type": "devicecheck", "challenge": "x", "key_id": "AAAA"}, {"/device_token", "/key_id"}),
        ("apple", {"type": "attestation", "challenge": "x", "key_id": "?", "attestation": "AAAA"}, {"/key_id"}),
        ("apple", {"type": "classic", "challenge": "x"}, {"/type"}),
        ("apple", {"type": "attestation", "challenge": "x", "assurance": "strong"}, {"/assurance"}),
        ("android", {"type": "classic", "challenge": "x"}, {"/integrity_token"}),
        ("android", {"type": "attestation", "challenge": "x", "integrity_token": "x"}, {"/type"}),
        ("android", {"type": "classic", "challenge": "x", "integrity_token": "x" * 32_769}, {"/integrity_token"}),
        ("integrity", {}, {""}),
        ("integrity", {"jailbroken": "maybe"}, {"/jailbroken"}),
        ("integrity", {"assurance": "strong"}, {"/assurance"}),
    ],
)  # fmt: skip
def test_body__wrong__is_refused_by_its_fields(
    route: str, body: dict[str, Any], pointers: set[str], iphone: Attester
) -> None:
    answer = iphone.client.post(f"/v1/attestation/{route}", body, format="json")

    assert answer.status_code == 422, answer.content
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers


@pytest.mark.parametrize("signal", ["jailbroken", "rooted", "hooking", "debugger", "emulator", "tampered"])
def test_integrity__bad_sign__takes_the_level_away_until_it_is_earned_anew(signal: str, iphone: Attester) -> None:
    iphone.attest()

    answer = iphone.client.post("/v1/attestation/integrity", {signal: True}, format="json")

    assert (answer.status_code, answer.json()["assurance"]) == (200, "none")
    assert iphone.level is Assurance.NONE
    assert IntegritySignal.objects.get().bad == [signal]
    event = OutboxEvent.objects.get(name="account.device.integrity_doubted")
    assert (event.aggregate_id, event.payload) == (
        iphone.device.id,
        {"user_id": str(iphone.device.user_id), "signals": signal},
    )
    assert AuditEntry.objects.get(action="integrity.doubted").reason == signal
    assert iphone.sign().json()["assurance"] == "strong"


def test_integrity__good_signs__change_nothing_and_are_kept(iphone: Attester) -> None:
    iphone.attest()

    answer = iphone.client.post("/v1/attestation/integrity", {"jailbroken": False, "debugger": False}, format="json")

    assert (answer.status_code, answer.json()["assurance"]) == (200, "strong")
    signal = IntegritySignal.objects.get()
    assert (signal.jailbroken, signal.debugger, signal.rooted) == (False, False, None)
    assert not OutboxEvent.objects.filter(name="account.device.integrity_doubted").exists()


def test_integrity__same_bad_sign_again__is_kept_and_told_once(android: Attester) -> None:
    for body in ({"rooted": True}, {"rooted": True}, {"rooted": True, "hooking": True}):
        android.client.post("/v1/attestation/integrity", body, format="json")

    assert IntegritySignal.objects.count() == 3
    told = OutboxEvent.objects.filter(name="account.device.integrity_doubted").order_by("id")
    assert [event.payload["signals"] for event in told] == ["rooted", "rooted hooking"]


def test_integrity__reported_while_evidence_is_on_the_way__wins(iphone: Attester) -> None:
    asked = iphone.ask("attestation")
    iphone.client.post("/v1/attestation/integrity", {"jailbroken": True}, format="json")

    assert iphone.attest(asked).json()["reason"] == "integrity_doubted"
    assert iphone.level is Assurance.NONE


def test_signal__that_says_nothing__is_refused_by_the_database(iphone: Attester) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        IntegritySignal.objects.create(device=iphone.device)


def test_assurance__of_old_evidence__lapses(iphone: Attester, android: Attester) -> None:
    iphone.attest()
    android.play(*STRONG)
    Device.objects.filter(id=android.device.id).update(assured_until=timezone.now() + timedelta(days=8))

    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        lapse_assurance()
        lapse_assurance()

    assert (iphone.level, android.level) == (Assurance.NONE, Assurance.STRONG)
    assert changes()[-1] == ("strong", "none", "lapsed")


def test_signals__old_ones__are_cleared_away(iphone: Attester) -> None:
    iphone.client.post("/v1/attestation/integrity", {"rooted": False}, format="json")

    housekeeping.clear_away()
    assert IntegritySignal.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        housekeeping.clear_away()
    assert not IntegritySignal.objects.exists()


def test_review__named_account_on_named_build__is_taken_at_its_word(
    freelancer: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.REVIEW_ACCOUNTS, settings.REVIEW_BUILDS = [freelancer.email], ["2026.11.0+412"]
    reviewer = Attester(sign_in(freelancer, Audience.IOS, app_version="2026.11.0+412"))

    assert reviewer.ask("attestation")["assurance"] == "device"

    assert reviewer.level is Assurance.DEVICE
    assert AuditEntry.objects.get(action="attestation.review").reason == "2026.11.0+412"
    assert changes() == [("none", "device", "review")]


@pytest.mark.parametrize(
    ("accounts", "builds"), [(True, []), (True, ["2026.11.1"]), (False, ["2026.11.0+412"]), (False, [])]
)
def test_review__other_account_or_build__proves_itself(
    accounts: bool, builds: list[str], freelancer: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.REVIEW_ACCOUNTS, settings.REVIEW_BUILDS = [freelancer.email] if accounts else [], builds
    app = Attester(sign_in(freelancer, Audience.IOS, app_version="2026.11.0+412"))

    assert app.ask("attestation")["assurance"] == "none"
    assert app.level is Assurance.NONE


def test_device__removed__can_attest_no_more(iphone: Attester) -> None:
    asked = iphone.ask("attestation")
    Device.objects.update(revoked_at=timezone.now())

    assert iphone.attest(asked).status_code == 404
    assert not AttestationKey.objects.exists()
