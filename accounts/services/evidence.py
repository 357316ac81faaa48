"""The kinds of evidence that a device may present: how each is judged, and what is kept of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Protocol

from cryptography import x509
from django.conf import settings
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from accounts.attestation import app_attest, devicecheck, google, play_integrity, safetynet
from accounts.attestation.evidence import EvidenceInvalid, EvidenceKind, ProviderUnavailable, sha256, shipped_roots
from accounts.attestation.play_integrity import Expected, Verdict
from accounts.models import AttestationKey, Device
from core.db.changes import save_changes
from core.db.instances import insert
from core.http.access import Assurance
from core.sealing import seal

RECEIPT = b"app attest receipt"


@dataclass(frozen=True, slots=True)
class Judged:
    """What evidence is worth, and `keep`, which writes down what later evidence is compared with.

    `keep` runs in the transaction that settles the level, and may still find the evidence invalid.
    """

    verdict: Verdict
    keep: Callable[[Device], None] = lambda device: None


class Evidence(Protocol):
    """What a device presents."""

    @property
    def kind(self) -> EvidenceKind: ...

    def judge(self, device: Device, client_data: str) -> Judged:
        """Read it, outside of any transaction, as a provider may have to be asked.

        Raises:
            EvidenceInvalid, ProviderUnavailable
        """


@dataclass(frozen=True)
class KeyAttestation:
    """Apple vouches for the new key of an app on a device."""

    key_id: bytes
    attestation: bytes
    kind: ClassVar = EvidenceKind.ATTESTATION

    def judge(self, device: Device, client_data: str) -> Judged:
        key = app_attest.verify_attestation(
            self.attestation,
            key_id=self.key_id,
            client_data_hash=sha256(client_data.encode()),
            app_ids=_app_ids(),
            roots=_roots("apple_app_attestation"),
            at=timezone.now(),
            allow_development=settings.ATTESTATION_ALLOWS_DEVELOPMENT,
        )
        return Judged(Verdict(Assurance.STRONG), lambda device: _keep_key(device, key))


@dataclass(frozen=True)
class KeyAssertion:
    """A device signs with the key that Apple has vouched for."""

    key_id: bytes
    assertion: bytes
    kind: ClassVar = EvidenceKind.ASSERTION

    def judge(self, device: Device, client_data: str) -> Judged:
        key = AttestationKey.objects.filter(device=device, key_id=self.key_id).first()
        if key is None or (key.is_development and not settings.ATTESTATION_ALLOWS_DEVELOPMENT):
            raise EvidenceInvalid("wrong_key")
        counter = app_attest.verify_assertion(
            self.assertion,
            public_key=bytes(key.public_key),
            client_data_hash=sha256(client_data.encode()),
            app_ids=_app_ids(),
        )
        return Judged(Verdict(Assurance.STRONG), lambda device: _count_up(key, counter))


@dataclass(frozen=True)
class DeviceToken:
    """Apple says that a token comes from a real device; for apps without App Attest."""

    device_token: str
    kind: ClassVar = EvidenceKind.DEVICECHECK

    def judge(self, device: Device, client_data: str) -> Judged:
        return Judged(devicecheck.judge(self.device_token))


@dataclass(frozen=True)
class IntegrityToken:
    """Google says what it thinks of a device and of the app that asked, by a standard or a classic request."""

    integrity_token: str
    kind: EvidenceKind

    def judge(self, device: Device, client_data: str) -> Judged:
        return Judged(play_integrity.judge(self._payload(), _expected(client_data), at=timezone.now()))

    def _payload(self) -> dict[str, Any]:
        """Opened here where we hold the keys, which Google gives out for classic requests alone."""
        if self.kind is EvidenceKind.CLASSIC and settings.PLAY_DECRYPTION_KEY:
            return play_integrity.open_token(
                self.integrity_token,
                decryption_key=settings.PLAY_DECRYPTION_KEY,
                verification_key=settings.PLAY_VERIFICATION_KEY,
            )
        return google.decode(self.integrity_token)


@dataclass(frozen=True)
class SafetyNetAnswer:
    """What Google used to say before Play Integrity."""

    integrity_token: str
    kind: ClassVar = EvidenceKind.SAFETYNET

    def judge(self, device: Device, client_data: str) -> Judged:
        roots, at = _roots("google_trust_services"), timezone.now()
        return Judged(safetynet.judge(self.integrity_token, expected=_expected(client_data), roots=roots, at=at))


def _keep_key(device: Device, key: app_attest.AttestedKey) -> None:
    """One key for each device, as the app has another after it was installed anew; and one device for each key."""
    receipt = seal(key.receipt, purpose=RECEIPT)
    known = AttestationKey.objects.select_for_update(no_key=True).filter(key_id=key.key_id).first()
    if known is not None and known.device_id != device.id:
        raise EvidenceInvalid("wrong_key")
    if known is not None:
        save_changes(known, receipt=receipt)
        return
    AttestationKey.objects.filter(device=device).delete()
    row = AttestationKey(
        device=device,
        key_id=key.key_id,
        public_key=key.public_key,
        is_development=key.is_development,
        receipt=receipt,
    )
    try:
        insert(row)
    except IntegrityError as error:  # another device was faster with the same key
        raise EvidenceInvalid("wrong_key") from error


def _count_up(key: AttestationKey, counter: int) -> None:
    """Of two signatures with one counter, or one that comes after a later one, the second is nobody's."""
    behind = AttestationKey.objects.filter(id=key.id, counter__lt=counter)
    if not behind.update(counter=counter, rev=F("rev") + 1, updated_at=timezone.now()):
        raise EvidenceInvalid("wrong_counter")


def _expected(client_data: str) -> Expected:
    if not settings.ANDROID_PACKAGES or not settings.ANDROID_CERTIFICATE_FINGERPRINTS:
        raise ProviderUnavailable("not_configured")
    return Expected(
        request_hash=sha256(client_data.encode()),
        packages=settings.ANDROID_PACKAGES,
        certificates=_certificates(tuple(settings.ANDROID_CERTIFICATE_FINGERPRINTS)),
        allow_testing=settings.ATTESTATION_ALLOWS_DEVELOPMENT,
    )


def _app_ids() -> list[str]:
    if not settings.APPLE_TEAM_ID or not settings.APPLE_BUNDLE_IDS:
        raise ProviderUnavailable("not_configured")
    return [f"{settings.APPLE_TEAM_ID}.{bundle_id}" for bundle_id in settings.APPLE_BUNDLE_IDS]


@lru_cache(maxsize=4)
def _certificates(fingerprints: tuple[str, ...]) -> frozenset[bytes]:
    return frozenset(bytes.fromhex(fingerprint.replace(":", "")) for fingerprint in fingerprints)


def _roots(name: str) -> tuple[x509.Certificate, ...]:
    """What is shipped, unless a test trusts an authority of its own."""
    own: tuple[x509.Certificate, ...] | None = settings.ATTESTATION_ROOTS.get(name)
    return own or shipped_roots(name)
