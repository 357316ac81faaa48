"""Who was only named as the device that attests: what it earns is not theirs."""

from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.attestation.evidence import EvidenceKind
from accounts.models import BiometricKey, Device, DeviceSession, User
from accounts.services import attestation, biometric
from accounts.services.evidence import KeyAttestation
from accounts.services.identification import identify, open_token
from core import context
from core.errors import NotFound
from core.http.access import Assurance, Audience
from core.testing.jobs import CapturedJobs
from core.testing.queries import counted_queries
from core.testing.races import race, winners
from tests.accounts import actors
from tests.accounts.actors import SignedInClient, SignIn
from tests.accounts.attestation.conftest import APPLE, PACKAGE, TEAM, Attester
from tests.accounts.attestation.forge import Phone

pytestmark = pytest.mark.django_db(transaction=True)
OWNERS, THIEFS = "K" * 43, "T" * 43


@pytest.fixture
def twin(freelancer: User, iphone: Attester, sign_in: SignIn) -> Attester:
    """An app that has named the phone's id, from the same network and in the same words."""
    twin = Attester(sign_in(freelancer, Audience.IOS, id=iphone.device.id))
    assert twin.device == iphone.device
    return twin


def device_of(client: SignedInClient) -> Device:
    return Device.objects.get(sessions=client.signed_in.session)


def attest_by_key(user: User, device_id: UUID | None) -> None:
    """Sign in with a key and attest, as an app does that signs for all it sends."""
    signed_in = actors.sign_in(user, Audience.IOS, id=device_id, proof_key=OWNERS)
    with context.scope(context.Context()):
        actor = identify(open_token(signed_in.tokens.access_token), proof_key=OWNERS)
        asked = attestation.begin(actor=actor, type=EvidenceKind.ATTESTATION)
        phone = Phone(APPLE, f"{TEAM}.{PACKAGE}")
        evidence = KeyAttestation(phone.key_id, phone.attest(asked.client_data))
        attestation.present(actor=actor, challenge=asked.challenge, evidence=evidence)


def test_attesting__device_that_another_has_named__leaves_them_without_trust(
    iphone: Attester, twin: Attester, enqueued_jobs: CapturedJobs
) -> None:
    device_id = iphone.device.id
    enqueued_jobs.run(times=1)
    mail.outbox.clear()
    assert twin.level is Assurance.NONE  # which is remembered

    iphone.attest()

    apart = device_of(twin.client)
    assert (iphone.level, iphone.client.principal.device_id) == (Assurance.STRONG, device_id)
    assert (twin.level, twin.client.principal.device_id) == (Assurance.NONE, apart.id)
    assert apart.id != device_id
    assert (apart.platform, apart.name, apart.user_id) == ("ios", iphone.device.name, iphone.device.user_id)
    entry = AuditEntry.objects.get(action="device.added", reason="set_apart")
    assert (entry.target_id, entry.details) == (str(apart.id), {"sessions": [str(twin.client.signed_in.session.id)]})
    enqueued_jobs.run(times=1)
    assert mail.outbox == []


def test_set_apart__goes_on_as_another_device(iphone: Attester, twin: Attester) -> None:
    iphone.attest()

    assert len(twin.client.get("/v1/devices").json()["data"]) == 2
    token = twin.client.signed_in.tokens.refresh_token
    renewed = APIClient().post("/v1/auth/refresh", {"refresh_token": token}, format="json")
    assert renewed.status_code == 200
    assert renewed.json()["device"]["id"] == str(device_of(twin.client).id)
    assert DeviceSession.objects.get(id=twin.client.signed_in.session.id).rev > 1
    assert twin.client.delete(f"/v1/devices/{renewed.json()['device']['id']}").status_code == 204
    assert iphone.level is Assurance.STRONG


def test_set_apart__may_attest_for_itself(iphone: Attester, twin: Attester) -> None:
    iphone.attest()
    asked = twin.ask("attestation")

    assert str(device_of(twin.client).id) in asked["client_data"]
    assert twin.attest(asked).json()["assurance"] == "strong"
    assert iphone.sign().json()["assurance"] == "strong"


def test_set_apart__evidence_for_the_device_left__is_refused(iphone: Attester, twin: Attester) -> None:
    asked = twin.ask("attestation")
    iphone.attest()

    assert twin.attest(asked).json()["code"] == "invalid_challenge"


def test_set_apart__while_a_request_is_on_its_way__attests_nothing(iphone: Attester, twin: Attester) -> None:
    actor, asked = twin.client.principal, twin.ask("attestation")
    iphone.attest()
    evidence = KeyAttestation(twin.phone.key_id, twin.phone.attest(asked["client_data"]))

    with pytest.raises(NotFound):
        attestation.present(actor=actor, challenge=asked["challenge"], evidence=evidence)

    assert iphone.sign().json()["assurance"] == "strong"


def test_attesting__by_a_key__leaves_only_sessions_of_that_key_on_the_device(freelancer: User) -> None:
    named = actors.sign_in(freelancer, Audience.IOS)
    device_id = named.session.device_id
    own = actors.sign_in(freelancer, Audience.IOS, id=device_id, proof_key=OWNERS)

    attest_by_key(freelancer, device_id)

    assert Device.objects.get(id=device_id).assurance == Assurance.STRONG
    assert Device.objects.get(sessions=own.session).id == device_id
    assert Device.objects.get(sessions=named.session).assurance == Assurance.NONE


def test_attesting__without_a_key__keeps_nobody_for_having_none(iphone: Attester, twin: Attester) -> None:
    iphone.attest()

    assert DeviceSession.objects.filter(device=iphone.device).count() == 1


def test_attesting__device_with_a_fingerprint__keeps_all_its_sessions(freelancer: User, sign_in: SignIn) -> None:
    first, second = (Attester(sign_in(freelancer, Audience.IOS, fingerprint="abc")) for _ in range(2))
    first.client.credentials(**first.client.signed_in.headers)

    first.attest()

    assert (first.level, second.level) == (Assurance.STRONG, Assurance.STRONG)
    assert Device.objects.count() == 1


def test_attesting__in_vain__moves_nobody(freelancer: User, android: Attester, sign_in: SignIn) -> None:
    twin = sign_in(freelancer, Audience.ANDROID, id=android.device.id)

    assert android.play().json()["verdict"] == "failed"

    assert device_of(twin) == android.device


def test_review__of_a_device_that_another_has_named__leaves_them_without_trust(
    freelancer: User, sign_in: SignIn, settings: Settings
) -> None:
    settings.REVIEW_ACCOUNTS, settings.REVIEW_BUILDS = [freelancer.email], ["412"]
    reviewer = Attester(sign_in(freelancer, Audience.IOS, app_version="412"))
    twin = Attester(sign_in(freelancer, Audience.IOS, id=reviewer.device.id))

    reviewer.ask("attestation")

    assert (reviewer.level, twin.level) == (Assurance.DEVICE, Assurance.NONE)


@pytest.mark.parametrize(("is_older", "kept"), [(True, 1), (False, 0)])
def test_attesting__biometric_key_that_may_be_of_the_one_set_apart__is_forgotten(
    iphone: Attester, twin: Attester, is_older: bool, kept: int
) -> None:
    public_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    biometric.enroll(actor=twin.client.principal, public_key=public_key)
    if is_older:
        BiometricKey.objects.update(created_at=timezone.now() - timedelta(days=1))

    iphone.attest()

    assert BiometricKey.objects.count() == kept
    assert AuditEntry.objects.filter(action="biometric.withdrawn", reason="set_apart").count() == 1 - kept


def test_attesting__with_more_who_have_named_it__asks_as_many_queries(
    freelancer: User, iphone: Attester, twin: Attester, sign_in: SignIn
) -> None:
    asked = iphone.ask("attestation")
    with counted_queries() as few:
        iphone.attest(asked)
    iphone.client.post("/v1/attestation/integrity", {"rooted": True}, format="json")
    for _ in range(4):
        sign_in(freelancer, Audience.IOS, id=iphone.device.id)
    asked = iphone.ask("assertion")
    with counted_queries() as many:
        iphone.sign(asked)

    assert len(many) <= len(few), f"{few}\n\n{many}"
    assert DeviceSession.objects.filter(device=iphone.device).count() == 1


def test_attesting__while_another_names_the_device__shares_nothing(freelancer: User, iphone: Attester) -> None:
    for _ in range(5):
        asked = iphone.ask("attestation")
        device_id = iphone.device.id

        def name(device_id: UUID = device_id) -> object:
            return actors.sign_in(User.objects.get(id=freelancer.id), Audience.IOS, id=device_id)

        results = race(lambda asked=asked: iphone.attest(asked), name, name)  # type: ignore[misc]

        assert len(winners(results)) == 3, results
        assert iphone.level is Assurance.STRONG
        assert DeviceSession.objects.filter(device__assurance=Assurance.STRONG).count() == 1
        iphone.client.post(
            "/v1/attestation/integrity", {"jailbroken": True}, format="json"
        )  # so that it is earned anew
