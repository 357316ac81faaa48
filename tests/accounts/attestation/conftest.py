"""Phones that can attest themselves, to authorities that this server trusts for the length of a test."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Device, User
from core.http.access import Assurance, Audience
from tests.accounts.actors import SignedInClient, SignIn
from tests.accounts.attestation.forge import Authority, Phone, Play, SafetyNet, b64, hashed

TEAM, PACKAGE = "A1B2C3D4E5", "com.gigvora.app"
CERTIFICATE = hashed("the certificate that signs our app")
APPLE, GOOGLE = Authority(), Authority("GTS")
PLAY = Play(PACKAGE, CERTIFICATE)
SAFETYNET = SafetyNet(GOOGLE, PACKAGE, CERTIFICATE)


@pytest.fixture(autouse=True)
def _production(settings: Settings) -> None:
    """As in production, but for the authorities."""
    settings.APPLE_TEAM_ID, settings.APPLE_BUNDLE_IDS = TEAM, [PACKAGE]
    settings.ANDROID_PACKAGES = [PACKAGE]
    settings.ANDROID_CERTIFICATE_FINGERPRINTS = [CERTIFICATE.hex(":").upper()]
    settings.ATTESTATION_ALLOWS_DEVELOPMENT = False
    settings.ATTESTATION_ROOTS = {"apple_app_attestation": (APPLE.root,), "google_trust_services": (GOOGLE.root,)}
    settings.PLAY_DECRYPTION_KEY, settings.PLAY_VERIFICATION_KEY = PLAY.decryption_key, PLAY.verification_key


class Attester:
    """An app on a phone: it asks for challenges and answers them."""

    def __init__(self, client: SignedInClient) -> None:
        self.client = client
        self.phone = Phone(APPLE, f"{TEAM}.{PACKAGE}")

    @property
    def device(self) -> Device:
        return Device.objects.get(id=self.client.signed_in.session.device_id)

    @property
    def level(self) -> Assurance:
        """What the next request of this phone is good for."""
        return self.client.principal.assurance

    def ask(self, type: str) -> dict[str, str]:  # noqa: A002
        answer = self.client.post("/v1/attestation/challenge", {"type": type}, format="json")
        assert answer.status_code == 201, answer.content
        asked: dict[str, str] = answer.json()
        return asked

    def apple(self, type: str, asked: dict[str, str], **evidence: Any) -> Any:  # noqa: A002
        fields = {name: b64(value) if isinstance(value, bytes) else value for name, value in evidence.items()}
        body = {"type": type, "challenge": asked["challenge"], **fields}
        return self.client.post("/v1/attestation/apple", body, format="json")

    def attest(self, asked: dict[str, str] | None = None, **odd: Any) -> Any:
        asked = asked or self.ask("attestation")
        attestation = self.phone.attest(odd.pop("client_data", asked["client_data"]), **odd)
        return self.apple("attestation", asked, key_id=self.phone.key_id, attestation=attestation)

    def sign(self, asked: dict[str, str] | None = None, counter: int | None = None, **odd: Any) -> Any:
        asked = asked or self.ask("assertion")
        assertion = self.phone.sign(odd.pop("client_data", asked["client_data"]), counter, **odd)
        return self.apple("assertion", asked, key_id=self.phone.key_id, assertion=assertion)

    def android(self, type: str, asked: dict[str, str], token: str) -> Any:  # noqa: A002
        body = {"type": type, "challenge": asked["challenge"], "integrity_token": token}
        return self.client.post("/v1/attestation/android", body, format="json")

    def play(self, *labels: str, **odd: Any) -> Any:
        asked = odd.pop("asked", None) or self.ask("classic")
        client_data = odd.pop("client_data", asked["client_data"])
        return self.android("classic", asked, PLAY.token(PLAY.payload(client_data, labels, **odd)))

    def safetynet(self, **odd: Any) -> Any:
        asked = self.ask("safetynet")
        return self.android("safetynet", asked, SAFETYNET.token(asked["client_data"], **odd))


@pytest.fixture
def iphone(freelancer: User, sign_in: SignIn) -> Attester:
    return Attester(sign_in(freelancer, Audience.IOS))


@pytest.fixture
def android(freelancer: User, sign_in: SignIn) -> Attester:
    return Attester(sign_in(freelancer, Audience.ANDROID))


@pytest.fixture
def other_iphone(other_freelancer: User, sign_in: SignIn) -> Attester:
    return Attester(sign_in(other_freelancer, Audience.IOS))
