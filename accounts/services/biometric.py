"""A device's own key behind its biometrics: enrolling it, and what its signatures allow, once each.

The server never believes that "biometrics succeeded"; it sees a signature of a key that only biometrics unlock. What
is signed is what happens: whoever carries a transaction out asks `take_signed_transaction` with what it will do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from django.db import transaction as db
from django.utils import timezone
from jwt.utils import base64url_encode

from access.services import record
from access.types import Outcome, Principal
from accounts import device_signatures
from accounts.digests import peppered, same_fingerprint
from accounts.errors import ChallengeInvalid, DeviceMismatch, SignatureInvalid, SignatureRefused, TransactionNotSigned
from accounts.events import BiometricKeyEnrolled, BiometricKeyLocked
from accounts.models import BiometricKey, Challenge, Device, DeviceSession
from accounts.p256 import der_of
from accounts.selectors import find_biometric_key
from accounts.services import challenges, sessions, step_up
from accounts.services.callers import lock_caller
from accounts.types import ChallengePurpose, DeviceClaim, Method, Platform, Signing
from core.db.changes import lock, save_changes
from core.errors import AppError, Unauthenticated
from events.services import publish

LIFETIME = timedelta(seconds=120)
TRANSACTION_LIFETIME = timedelta(minutes=5)
MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What a device is asked to sign, and until when."""

    id: str
    nonce: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A challenge that its device has answered. Nobody has been let in for it yet."""

    purpose: Signing
    key: BiometricKey
    digest: str


def enroll(*, actor: Principal, public_key: EllipticCurvePublicKey) -> BiometricKey:
    """Let the caller's device sign from now on; a former key of it is forgotten, and a lock with it.

    Raises:
        NotFound: the caller's device has been removed.
        SessionEnded: the caller was signed out meanwhile.
    """
    with db.atomic():
        user = lock_caller(actor)
        device = lock(Device.objects.of(actor.user_id), id=actor.device_id)
        BiometricKey.objects.filter(device=device).delete()
        key = BiometricKey.objects.create(
            user=user, device=device, public_key=der_of(public_key), security_version=user.security_version
        )
        _record("biometric.enrolled", key)
        publish(BiometricKeyEnrolled(aggregate_id=user.id, device_id=device.id), actor_id=user.id)
    return key


def withdraw(*, actor: Principal) -> None:
    """Let the caller's device not sign any more; without a key nothing changes."""
    with db.atomic():
        device = lock(Device.objects.of(actor.user_id), id=actor.device_id)
        for key in BiometricKey.objects.filter(device=device):
            _record("biometric.withdrawn", key)
            key.delete()


def ask(*, device_id: UUID, purpose: Signing, transaction: dict[str, Any] | None = None) -> Asked:
    """Set a challenge. One for a device that nobody knows looks the same, and has no answer.

    Raises:
        Invalid: the transaction cannot be put into its canonical form.
    """
    issued = challenges.issue(
        purpose=ChallengePurpose.BIOMETRIC,
        data={
            "device": str(device_id),
            "purpose": purpose,
            "digest": device_signatures.digest_of(transaction).hex(),
        },
        lifetime=LIFETIME,
    )
    return Asked(issued.token, _nonce(issued.token), issued.expires_at)


def verify(*, token: str, signature: str) -> Signed | None:
    """Judge an answer. The challenge is spent, and a wrong signature counts against the key, whatever follows."""
    try:
        challenge = challenges.take(purpose=ChallengePurpose.BIOMETRIC, token=token)
    except ChallengeInvalid:
        return _failed(None, "challenge")
    key = find_biometric_key(UUID(challenge.data["device"]))
    if key is None:
        return _failed(None, "no key")
    message = _message(token, challenge)
    if not device_signatures.is_signed(message, signature=signature, public_key=bytes(key.public_key)):
        _count_failure(key)
        return _failed(key, "signature")
    if not _count_success(key):
        return _failed(key, "locked")
    return Signed(Signing(challenge.data["purpose"]), key, challenge.data["digest"])


def sign_in(*, signed: Signed, fingerprint: str, proof_key: str) -> DeviceSession:
    """Begin a session on the very device that has signed.

    Raises:
        DeviceMismatch: the device has a fingerprint, and this is not it.
    """
    device = signed.key.device
    if not same_fingerprint(device.fingerprint, fingerprint):
        _record("fingerprint.mismatch", signed.key, outcome="denied")
        raise DeviceMismatch
    claim = DeviceClaim(
        platform=Platform(device.platform), id=device.id, proof_key=proof_key,
        fingerprint=fingerprint if device.fingerprint else "",
    )  # fmt: skip
    return sessions.start(user=signed.key.user, claim=claim, methods=(Method.BIOMETRIC,))


def prove(*, actor: Principal | None, signed: Signed) -> step_up.Standing:
    """Count a signature as a proof of who the caller is.

    Raises:
        Unauthenticated: nobody is signed in.
        SignatureInvalid: not of the caller's own device.
    """
    return step_up.proved_by(actor=_owner(actor, signed), method=Method.BIOMETRIC)


def sign_transaction(*, actor: Principal | None, signed: Signed) -> challenges.Issued:
    """A token that allows exactly the signed transaction, once, to this caller.

    Raises:
        Unauthenticated, SignatureInvalid: as `prove` says.
    """
    owner = _owner(actor, signed)
    with db.atomic():
        _record("biometric.transaction_signed", signed.key, digest=signed.digest)
        return challenges.issue(
            purpose=ChallengePurpose.SIGNED_TRANSACTION,
            user_id=owner.user_id,
            device_id=owner.device_id,
            data={"digest": signed.digest},
            lifetime=TRANSACTION_LIFETIME,
        )


def take_signed_transaction(*, actor: Principal, token: str, transaction: dict[str, Any]) -> None:
    """Spend a signed transaction, in the transaction of what it allows. `transaction` is what is about to happen.

    Raises:
        TransactionNotSigned: not this, not by this caller on this device, or it has happened already.
    """
    digest = device_signatures.digest_of(transaction).hex()
    try:
        challenges.take(
            purpose=ChallengePurpose.SIGNED_TRANSACTION,
            token=token,
            user_id=actor.user_id,
            device_id=actor.device_id,
            data__digest=digest,
        )
    except ChallengeInvalid as error:
        raise TransactionNotSigned from error


def refusal(actor: Principal | None) -> AppError:
    """What a failed signature is answered with."""
    return SignatureInvalid() if actor else SignatureRefused()


def _owner(actor: Principal | None, signed: Signed) -> Principal:
    if actor is None:
        raise Unauthenticated
    if (signed.key.user_id, signed.key.device_id) != (actor.user_id, actor.device_id):
        raise SignatureInvalid
    return actor


def _nonce(token: str) -> str:
    """Derived, so that it need not be kept."""
    return base64url_encode(peppered("biometric nonce", token)).decode()


def _message(token: str, challenge: Challenge) -> bytes:
    return device_signatures.message(
        token=token,
        nonce=_nonce(token),
        device_id=challenge.data["device"],
        purpose=challenge.data["purpose"],
        digest=bytes.fromhex(challenge.data["digest"]),
    )


def _count_failure(key: BiometricKey) -> None:
    with db.atomic():
        held = lock(BiometricKey.objects.all(), id=key.id)
        tries = held.failed_tries + 1
        if tries >= MAX_TRIES and held.locked_at is None:
            save_changes(held, failed_tries=tries, locked_at=timezone.now())
            _record("biometric.locked", held, outcome="denied")
            publish(BiometricKeyLocked(aggregate_id=held.user_id, device_id=held.device_id), actor_id=held.user_id)
        else:
            save_changes(held, failed_tries=tries)


def _count_success(key: BiometricKey) -> bool:
    """Note a use. False where the key was locked, or replaced, in the meantime."""
    with db.atomic():
        held = BiometricKey.objects.filter(id=key.id, locked_at=None).select_for_update().first()
        if held is None:
            return False
        save_changes(held, failed_tries=0, last_used_at=timezone.now())
        return True


def _failed(key: BiometricKey | None, reason: str) -> Signed | None:
    """Record why nothing is allowed, and answer with nothing."""
    owner: UUID | str = key.user_id if key else ""
    record(
        action="login.failure", outcome="failure", target_type="user", target_id=owner, reason=f"biometric: {reason}"
    )
    return None


def _record(action: str, key: BiometricKey, outcome: Outcome = "success", **details: Any) -> None:
    record(
        action=action,
        outcome=outcome,
        user_id=key.user_id,
        target_type="device",
        target_id=key.device_id,
        **details,
    )
