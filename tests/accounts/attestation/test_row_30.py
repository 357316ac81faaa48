"""Row 30 of the abuse table: whatever is wrong with evidence, no level is raised, and gated routes alone refuse."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from access.models import AuditEntry
from accounts.models import AttestationKey
from accounts.services import challenges
from core.http.access import Assurance
from tests.accounts.attestation.conftest import PLAY, Attester
from tests.accounts.attestation.forge import DEVELOPMENT, b64url, hashed

pytestmark = pytest.mark.django_db(transaction=True)

STRONG = ("MEETS_BASIC_INTEGRITY", "MEETS_DEVICE_INTEGRITY", "MEETS_STRONG_INTEGRITY")
EVIL = "com.evil.app"
Attack = Callable[[Attester], Any]


def replayed_challenge(phone: Attester) -> Any:
    asked = phone.ask("attestation")
    assert phone.attest(asked, app_id="A1B2C3D4E5.com.evil.app").status_code == 422
    return phone.attest(asked)


def late_answer(phone: Attester) -> Any:
    asked = phone.ask("attestation")
    with time_machine.travel(timezone.now() + challenges.LIFETIME + timedelta(seconds=1), tick=False):
        return phone.attest(asked)


def made_up_challenge(phone: Attester) -> Any:
    return phone.attest({"challenge": "A" * 43, "client_data": "whatever"})


def challenge_of_another_kind(phone: Attester) -> Any:
    return phone.attest(phone.ask("assertion"))


APPLE: dict[str, tuple[Attack, int, str]] = {
    "replayed challenge": (replayed_challenge, 400, "invalid_challenge"),
    "challenge too old": (late_answer, 400, "invalid_challenge"),
    "challenge never set": (made_up_challenge, 400, "invalid_challenge"),
    "challenge for another kind": (challenge_of_another_kind, 400, "invalid_challenge"),
    "signed for another challenge": (lambda phone: phone.attest(client_data="another"), 422, "wrong_challenge"),
    "development key in production": (lambda phone: phone.attest(aaguid=DEVELOPMENT), 422, "wrong_environment"),
    "another app": (lambda phone: phone.attest(app_id=f"A1B2C3D4E5.{EVIL}"), 422, "wrong_app"),
    "another team": (lambda phone: phone.attest(app_id="ZZZZZZZZZZ.com.gigvora.app"), 422, "wrong_app"),
    "counter not zero": (lambda phone: phone.attest(counter=9), 422, "wrong_counter"),
    "expired certificate": (lambda phone: phone.attest(days=(-5, -1)), 422, "untrusted_chain"),
    "key that nobody vouched for": (lambda phone: phone.sign(), 422, "wrong_key"),
}
ANDROID: dict[str, tuple[Attack, int, str]] = {
    "another package": (lambda phone: phone.play(*STRONG, package=EVIL), 422, "wrong_app"),
    "request hash of another body": (lambda phone: phone.play(*STRONG, client_data="another"), 422, "wrong_challenge"),
    "request hash of another device": (
        lambda phone: phone.play(*STRONG, hash=b64url(hashed("gigvora-attestation-v1\nclassic\nother\nx"))),
        422,
        "wrong_challenge",
    ),
    "answer from long ago": (lambda phone: phone.play(*STRONG, milliseconds=1_700_000_000_000), 422, "expired"),
    "answer for testing": (
        lambda phone: phone.play(*STRONG, more={"testingDetails": {"isTestingResponse": True}}),
        422,
        "wrong_environment",
    ),
    "not a token": (lambda phone: phone.android("classic", phone.ask("classic"), "a.b.c.d.e"), 422, "malformed"),
    "token of another Google": (
        lambda phone: phone.android("classic", phone.ask("classic"), PLAY.token({}, secret=bytes(32))),
        422,
        "malformed",
    ),
}


@pytest.mark.parametrize("case", APPLE)
def test_row_30__apple__proves_nothing_and_changes_nothing(case: str, iphone: Attester) -> None:
    attack, status, why = APPLE[case]

    assert_refused(attack(iphone), status, why)
    assert (iphone.level, iphone.device.assurance) == (Assurance.NONE, Assurance.NONE)
    assert not AttestationKey.objects.exists()


@pytest.mark.parametrize("case", ANDROID)
def test_row_30__android__proves_nothing_and_changes_nothing(case: str, android: Attester) -> None:
    attack, status, why = ANDROID[case]
    assert android.play(*STRONG[:2]).json()["assurance"] == "device"

    assert_refused(attack(android), status, why)
    assert android.level is Assurance.DEVICE


@pytest.mark.parametrize("counter", [5, 4, 1, 0])
def test_row_30__lower_counter__is_refused(counter: int, iphone: Attester) -> None:
    iphone.attest()
    assert iphone.sign(counter=5).status_code == 200

    assert_refused(iphone.sign(counter=counter), 422, "wrong_counter")
    assert AttestationKey.objects.get().counter == 5
    assert iphone.sign(counter=6).status_code == 200


def test_row_30__key_of_another_device__is_refused(iphone: Attester, other_iphone: Attester) -> None:
    assert iphone.attest().status_code == 200
    other_iphone.phone = iphone.phone

    assert_refused(other_iphone.sign(), 422, "wrong_key")
    assert_refused(other_iphone.attest(), 422, "wrong_key")
    assert AttestationKey.objects.get().device == iphone.device
    assert other_iphone.level is Assurance.NONE


def test_row_30__challenge_of_another_device__is_refused_and_stays_theirs(
    iphone: Attester, other_iphone: Attester
) -> None:
    asked = iphone.ask("attestation")

    assert_refused(other_iphone.attest(asked), 400, "invalid_challenge")
    assert iphone.attest(asked).status_code == 200


@pytest.mark.parametrize(
    "bad", [{"recognised": "UNRECOGNIZED_VERSION"}, {"found_package": EVIL}, {"licence": "UNLICENSED"}]
)
def test_row_30__genuine_bad_news__takes_the_level_away(bad: dict[str, str], android: Attester) -> None:
    assert android.play(*STRONG).json()["assurance"] == "strong"

    answer = android.play(*STRONG, **bad)

    assert (answer.status_code, answer.json()["verdict"], answer.json()["assurance"]) == (200, "failed", "none")
    assert android.level is Assurance.NONE


def assert_refused(answer: Any, status: int, why: str) -> None:
    problem = answer.json()
    assert answer.status_code == status, problem
    if status == 422:
        assert (problem["code"], problem["reason"]) == ("attestation_refused", why)
        entry = AuditEntry.objects.filter(action="attestation.refused").latest("id")
        assert (entry.outcome, entry.reason) == ("failure", why)
    else:
        assert problem["code"] == why
