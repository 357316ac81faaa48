"""A device's own key behind its biometrics: what its signatures allow, and how false ones end."""

import base64
from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core import mail
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.models import BiometricKey, DeviceSession, User
from accounts.p256 import jwk_of
from accounts.services import biometric
from accounts.services.endings import start_over
from accounts.types import EndReason
from core.db.ids import uuid7
from core.http.access import Audience
from core.testing.jobs import CapturedJobs
from core.testing.races import race, winners
from tests.accounts.actors import SignedInClient, SignIn
from tests.accounts.device_keys import ROOT, DeviceKey, ask, code, verify
from tests.accounts.keys import ProofKey, ProvingClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer, Audience.IOS)


@pytest.fixture
def phone(client: SignedInClient) -> DeviceKey:
    """The key of the device that `client` is signed in on, enrolled."""
    key = DeviceKey(client.signed_in.session.device_id)
    answer = client.post(f"{ROOT}/enroll", {"public_key": key.spki}, format="json")
    assert answer.status_code == 201, answer.content
    return key


def test_enroll__spki_or_jwk__belongs_to_the_callers_device(
    client: SignedInClient, freelancer: User, enqueued_jobs: CapturedJobs
) -> None:
    device_id = str(client.signed_in.session.device_id)
    key = DeviceKey(device_id)
    for public in (key.spki, jwk_of(key.private.public_key())):
        answer = client.post(f"{ROOT}/enroll", {"public_key": public}, format="json")
        assert answer.status_code == 201
        assert answer.json() == {"device_id": device_id, "created_at": ANY, "last_used_at": None}

    assert BiometricKey.objects.get().user == freelancer
    assert AuditEntry.objects.filter(action="biometric.enrolled", target_id=device_id).count() == 2
    enqueued_jobs.run(times=1)
    assert mail.outbox[0].subject == "A device can now sign in with biometrics"


@pytest.mark.parametrize(
    "public_key",
    [
        "",
        "junk",
        "A" * 600,
        7,
        None,
        [],
        {},
        {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
        {**ProofKey().jwk, "d": "A" * 43},
        base64.b64encode(
            ec.generate_private_key(ec.SECP384R1())
            .public_key()
            .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode(),
    ],
    ids=lambda value: str(value)[:20],
)
def test_enroll__no_public_p256_key__is_refused(client: SignedInClient, public_key: Any) -> None:
    assert code(client.post(f"{ROOT}/enroll", {"public_key": public_key}, format="json")) == (422, "validation_failed")
    assert not BiometricKey.objects.exists()


def test_enroll__proof_not_fresh__asks_for_step_up(client: SignedInClient) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answer = client.post(f"{ROOT}/enroll", {"public_key": DeviceKey("").spki}, format="json")

    assert code(answer) == (403, "step_up_required")


def test_sign_in__signed__begins_a_session_on_that_device(phone: DeviceKey, freelancer: User) -> None:
    asked = ask(phone.device_id)
    assert set(asked) == {"id", "nonce", "expires_at"}

    answer = verify(asked, phone.sign(asked, "sign_in"))

    assert answer.status_code == 200
    assert (answer.json()["user"]["email"], answer.json()["device"]["id"]) == (freelancer.email, phone.device_id)
    assert DeviceSession.objects.latest("id").amr == "biometric"
    assert BiometricKey.objects.get().last_used_at is not None


def test_sign_in__account_with_a_second_factor__needs_no_other(phone: DeviceKey, freelancer: User) -> None:
    User.objects.filter(id=freelancer.id).update(second_factor_at=timezone.now())
    asked = ask(phone.device_id)

    assert verify(asked, phone.sign(asked, "sign_in")).status_code == 200


def test_sign_in__with_a_proof__is_bound_to_its_key(phone: DeviceKey) -> None:
    asked = ask(phone.device_id)

    answer = verify(asked, phone.sign(asked, "sign_in"), ProvingClient(ProofKey()))

    assert answer.json()["token_type"] == "DPoP"


@pytest.mark.parametrize("sent", [{}, {"X-Device-Fingerprint": "other"}], ids=["missing", "other"])
def test_sign_in__device_with_a_fingerprint__needs_it(freelancer: User, sign_in: SignIn, sent: dict[str, str]) -> None:
    client = sign_in(freelancer, Audience.ANDROID, fingerprint="this-phone")
    phone = DeviceKey(client.signed_in.session.device_id)
    client.post(f"{ROOT}/enroll", {"public_key": phone.spki}, format="json")

    asked = ask(phone.device_id)
    assert code(verify(asked, phone.sign(asked, "sign_in"), headers=sent)) == (401, "device_mismatch")
    asked = ask(phone.device_id)
    answer = verify(asked, phone.sign(asked, "sign_in"), headers={"X-Device-Fingerprint": "this-phone"})
    assert answer.json()["device"]["id"] == phone.device_id


def test_row_29__challenge__device_that_nobody_knows__looks_the_same_and_has_no_answer(phone: DeviceKey) -> None:
    stranger = DeviceKey(uuid7())
    known, unknown = ask(phone.device_id), ask(stranger.device_id)

    assert [(name, len(value)) for name, value in known.items()] == [
        (name, len(value)) for name, value in unknown.items()
    ]
    refused = verify(unknown, stranger.sign(unknown, "sign_in"))
    wrong = verify(known, stranger.sign(known, "sign_in"))
    assert code(refused) == code(wrong) == (401, "biometric_refused")
    volatile = ("trace_id",)
    assert [{k: v for k, v in each.json().items() if k not in volatile} for each in (refused, wrong)] == [
        {k: v for k, v in wrong.json().items() if k not in volatile}
    ] * 2


def test_row_29__sign_in__signed_by_another_devices_key__is_refused(
    phone: DeviceKey, freelancer: User, sign_in: SignIn
) -> None:
    client = sign_in(freelancer, Audience.ANDROID)
    other = DeviceKey(client.signed_in.session.device_id)
    client.post(f"{ROOT}/enroll", {"public_key": other.spki}, format="json")
    asked = ask(phone.device_id)
    other.device_id = phone.device_id

    assert code(verify(asked, other.sign(asked, "sign_in"))) == (401, "biometric_refused")
    assert BiometricKey.objects.get(device_id=phone.device_id).failed_tries == 1


def test_row_29__sign_in__used_twice__is_refused(phone: DeviceKey) -> None:
    asked = ask(phone.device_id)
    signature = phone.sign(asked, "sign_in")

    assert verify(asked, signature).status_code == 200
    assert code(verify(asked, signature)) == (401, "biometric_refused")


def test_row_29__sign_in__used_many_times_at_once__lets_one_in(phone: DeviceKey) -> None:
    asked = ask(phone.device_id)
    signature = phone.sign(asked, "sign_in")

    statuses = winners(race(*[lambda: verify(asked, signature).status_code] * 6))

    assert sorted(statuses) == [200, 401, 401, 401, 401, 401]


def test_row_29__sign_in__too_late__is_refused(phone: DeviceKey) -> None:
    asked = ask(phone.device_id)
    signature = phone.sign(asked, "sign_in")

    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        assert code(verify(asked, signature)) == (401, "biometric_refused")


@pytest.mark.parametrize("signature", ["", "junk", "é", "A" * 96])
def test_row_29__sign_in__odd_signature__is_refused(phone: DeviceKey, signature: str) -> None:
    assert verify(ask(phone.device_id), signature).status_code in {400, 401, 422}


def test_row_29__sign_in__five_bad_tries__lock_the_key_and_warn_the_owner(
    phone: DeviceKey, client: SignedInClient, freelancer: User, enqueued_jobs: CapturedJobs
) -> None:
    thief = DeviceKey(phone.device_id)
    for _ in range(5):
        asked = ask(phone.device_id)
        assert code(verify(asked, thief.sign(asked, "sign_in"))) == (401, "biometric_refused")

    asked = ask(phone.device_id)
    assert code(verify(asked, phone.sign(asked, "sign_in"))) == (401, "biometric_refused")
    assert AuditEntry.objects.get(action="biometric.locked").target_id == phone.device_id
    enqueued_jobs.run(times=1)
    assert "We locked the biometric key of one of your devices" in {message.subject for message in mail.outbox}
    assert client.get("/v1/auth/me").status_code == 200

    client.post(f"{ROOT}/enroll", {"public_key": phone.spki}, format="json")
    asked = ask(phone.device_id)
    assert verify(asked, phone.sign(asked, "sign_in")).status_code == 200


def test_sign_in__a_good_try__forgives_the_bad_ones(phone: DeviceKey) -> None:
    thief = DeviceKey(phone.device_id)
    for key in (thief, thief, thief, thief, phone, thief, thief, thief, thief, phone):
        asked = ask(phone.device_id)
        assert verify(asked, key.sign(asked, "sign_in")).status_code == (200 if key is phone else 401)


def test_row_29__sign_in__bad_tries_at_once__are_all_counted(phone: DeviceKey) -> None:
    thief = DeviceKey(phone.device_id)
    waiting = [ask(phone.device_id) for _ in range(6)]

    winners(race(*(lambda asked=asked: verify(asked, thief.sign(asked, "sign_in")).status_code for asked in waiting)))

    key = BiometricKey.objects.get()
    assert key.failed_tries >= biometric.MAX_TRIES
    assert key.locked_at is not None
    assert AuditEntry.objects.filter(action="biometric.locked").count() == 1


@pytest.mark.parametrize(
    "ending", ["device removed", "enrolled again", "withdrawn", "account closed", "password reset"]
)
def test_key__of_a_device_or_account_that_has_moved_on__is_dead(
    phone: DeviceKey, client: SignedInClient, freelancer: User, sign_in: SignIn, ending: str
) -> None:
    if ending == "device removed":
        assert sign_in(freelancer).delete(f"/v1/devices/{phone.device_id}").status_code == 204
    elif ending == "enrolled again":
        client.post(f"{ROOT}/enroll", {"public_key": DeviceKey("").spki}, format="json")
    elif ending == "withdrawn":
        assert client.delete(f"{ROOT}/enroll").status_code == 204
    elif ending == "account closed":
        User.objects.filter(id=freelancer.id).update(is_active=False)
    else:
        User.objects.filter(id=freelancer.id).update(security_version=2)
    asked = ask(phone.device_id)

    assert code(verify(asked, phone.sign(asked, "sign_in"))) == (401, "biometric_refused")


def test_step_up__signed_on_the_callers_device__is_fresh(phone: DeviceKey, client: SignedInClient) -> None:
    DeviceSession.objects.update(proved_at=None)
    asked = ask(phone.device_id, "step_up")

    answer = verify(asked, phone.sign(asked, "step_up"), client)

    assert answer.status_code == 200
    assert answer.json() == {"is_fresh": True, "fresh_until": ANY, "methods": ["pwd", "biometric"]}
    assert DeviceSession.objects.get().amr == "pwd biometric"
    assert AuditEntry.objects.filter(action="login.stepped_up", outcome="success").count() == 1


def test_step_up__nobody_or_another_session_signed_in__is_refused(
    phone: DeviceKey, freelancer: User, sign_in: SignIn
) -> None:
    asked = ask(phone.device_id, "step_up")
    assert code(verify(asked, phone.sign(asked, "step_up"))) == (401, "unauthenticated")
    asked = ask(phone.device_id, "step_up")
    elsewhere = sign_in(freelancer, Audience.ANDROID)
    assert code(verify(asked, phone.sign(asked, "step_up"), elsewhere)) == (400, "invalid_signature")


@pytest.mark.parametrize(("asked_for", "signed_for"), [("step_up", "sign_in"), ("sign_in", "step_up")])
def test_verify__signed_for_another_purpose__is_refused(
    phone: DeviceKey, client: SignedInClient, asked_for: str, signed_for: str
) -> None:
    asked = ask(phone.device_id, asked_for)

    assert code(verify(asked, phone.sign(asked, signed_for), client)) == (400, "invalid_signature")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"purpose": "transaction"}, "/transaction"),
        ({"purpose": "sign_in", "transaction": {"a": 1}}, "/transaction"),
        ({"purpose": "transaction", "transaction": {"n": 2**53}}, "/transaction"),
        ({"purpose": "transaction", "transaction": {"n": "x" * 5000}}, "/transaction"),
        ({"purpose": "other"}, "/purpose"),
        ({"purpose": "sign_in", "device_id": "x"}, "/device_id"),
    ],
)
def test_challenge__odd_body__is_refused(db: None, body: dict[str, Any], pointer: str) -> None:
    answer = APIClient().post(f"{ROOT}/challenge", {"device_id": str(uuid7()), **body}, format="json")

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_key__account_starts_over_from_this_device__lives_on_here_and_dies_elsewhere(
    phone: DeviceKey, client: SignedInClient, freelancer: User, sign_in: SignIn
) -> None:
    elsewhere = sign_in(freelancer, Audience.ANDROID)
    other = DeviceKey(elsewhere.signed_in.session.device_id)
    elsewhere.post(f"{ROOT}/enroll", {"public_key": other.spki}, format="json")
    with transaction.atomic():
        user = User.objects.select_for_update().get(id=freelancer.id)
        start_over(user=user, reason=EndReason.FACTOR_CHANGED, keep=client.signed_in.session.id)

    statuses = []
    for key in (phone, other):
        asked = ask(key.device_id)
        statuses.append(verify(asked, key.sign(asked, "sign_in")).status_code)
    assert statuses == [200, 401]
