"""Attesting devices: a challenge is set, evidence answers it, and the device's level follows.

Evidence says something of a device and nothing of who holds it, so nobody is signed in by it. Three rules:
what is not evidence for this challenge proves nothing and changes nothing; genuine bad news takes the level away;
and while a provider is silent, everything stays as it is.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from access.services import record
from access.types import Principal
from accounts.attestation.evidence import KINDS, EvidenceInvalid, EvidenceKind, ProviderUnavailable, client_data_of
from accounts.errors import AttestationRefused, ChallengeInvalid
from accounts.models import Challenge, Device, DeviceSession, IntegritySignal, User
from accounts.services import challenges
from accounts.services.assurance import earn
from accounts.services.evidence import Evidence, Judged
from accounts.types import ChallengePurpose, Platform
from core.db.changes import lock
from core.db.instances import fetch_first
from core.errors import Invalid, NotFound
from core.http.access import Assurance


class Word(StrEnum):
    """What became of evidence."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Begun:
    """`client_data` is the text that the device signs, or has signed, the SHA-256 of."""

    type: EvidenceKind
    challenge: str
    client_data: str
    expires_at: datetime
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class Finding:
    """What evidence came to, and the device's level from now on."""

    verdict: Word
    reason: str
    assurance: Assurance
    assured_until: datetime | None


def begin(*, actor: Principal, type: EvidenceKind) -> Begun:  # noqa: A002  the contract's name
    """Set the caller's device a challenge for one kind of evidence.

    Raises:
        Invalid: this kind is not for devices of this platform.
    """
    device = _device_of(actor)
    if type not in KINDS[Platform(device.platform)]:
        raise Invalid.field("type", f"Devices with {device.platform} have no such evidence.", "wrong_platform")
    device = _trusted_for_review(actor, device)
    issued = challenges.issue(
        purpose=ChallengePurpose.ATTESTATION, user_id=actor.user_id, device_id=device.id, data={"kind": type}
    )
    client_data = client_data_of(type, device.id, issued.token)
    return Begun(type, issued.token, client_data, issued.expires_at, Assurance(device.assurance))


def present(*, actor: Principal, challenge: str, evidence: Evidence) -> Finding:
    """Judge what the caller's device presents, and settle its level.

    Raises:
        ChallengeInvalid: not set for this device and this kind, answered before, or too late.
        AttestationRefused: it is no evidence for this challenge; the level stays.
    """
    device = _device_of(actor)
    asked = _take(device, challenge, evidence.kind)
    try:
        judged = evidence.judge(device, client_data_of(evidence.kind, device.id, challenge))
        with transaction.atomic():
            return _settled(actor, asked, evidence.kind, judged)
    except EvidenceInvalid as error:
        _note(actor, "refused", device, error.reason, evidence.kind)
        raise AttestationRefused(reason=error.reason) from error
    except ProviderUnavailable as error:
        _note(actor, Word.UNKNOWN, device, error.reason, evidence.kind)
        return Finding(Word.UNKNOWN, error.reason, Assurance(device.assurance), device.assured_until)


def _take(device: Device, token: str, kind: EvidenceKind) -> Challenge:
    asked = challenges.take(
        purpose=ChallengePurpose.ATTESTATION, token=token, user_id=device.user_id, device_id=device.id
    )
    if asked.data.get("kind") != kind:
        raise ChallengeInvalid
    return asked


def _settled(actor: Principal, asked: Challenge, kind: EvidenceKind, judged: Judged) -> Finding:
    device, session = _held(actor)
    signals = IntegritySignal.objects.filter(device=device, created_at__gte=asked.created_at)
    if any(signal.bad for signal in signals):  # the device got worse while its evidence was on the way
        raise EvidenceInvalid("integrity_doubted")
    judged.keep(device)
    verdict, before = judged.verdict, Assurance(device.assurance)
    if not (verdict.is_legacy and before > verdict.assurance):
        earn(device, verdict.assurance, reason=verdict.reason or kind, session=session)
    word = Word.PASSED if verdict.assurance else Word.FAILED
    _note(actor, word, device, verdict.reason, kind)
    return Finding(word, verdict.reason, Assurance(device.assurance), device.assured_until)


def _trusted_for_review(actor: Principal, device: Device) -> Device:
    """Reviewers of the stores try our app on machines that can prove nothing: their accounts, on the builds they are
    to review, are taken at their word. Both are named in settings, and what is named there is temporary.
    """
    if device.app_version not in settings.REVIEW_BUILDS:
        return device
    if not User.objects.filter(id=actor.user_id, email__in=settings.REVIEW_ACCOUNTS).exists():
        return device
    with transaction.atomic():
        locked, session = _held(actor)
        if locked.assurance < Assurance.DEVICE:
            earn(locked, Assurance.DEVICE, reason="review", session=session)
            _note(actor, "review", locked, device.app_version)
        return locked


def _device_of(actor: Principal) -> Device:
    """Raises: NotFound, where the device was removed meanwhile."""
    device: Device | None = Device.objects.of(actor.user_id).filter(id=actor.device_id).first()
    if device is None:
        raise NotFound
    return device


def _held(actor: Principal) -> tuple[Device, DeviceSession]:
    """The caller's device, locked after its user as everybody does, and the session by which they are on it.

    Raises: NotFound, where the device was removed, or the session ended or moved from it meanwhile.
    """
    lock(User.objects.all(), id=actor.user_id)
    device = lock(Device.objects.of(actor.user_id), id=actor.device_id)
    session = fetch_first(DeviceSession.objects.live().filter(device=device, id=actor.session_id))
    if session is None:
        raise NotFound
    return device, session


def _note(actor: Principal, what: str, device: Device, reason: str, kind: str = "") -> None:
    record(
        action=f"attestation.{what}",
        outcome="success" if what in {Word.PASSED, "review"} else "failure",
        principal=actor,
        target_type="device",
        target_id=device.id,
        reason=reason,
        evidence=kind,
        assurance=Assurance(device.assurance).name.lower(),
    )
