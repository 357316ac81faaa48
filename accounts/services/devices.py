"""Knowing devices again, naming and removing them."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.digests import fingerprint_digest
from accounts.models import Device, DeviceSession, User
from accounts.services.endings import end
from accounts.types import DeviceClaim, EndReason
from core.db.changes import lock, save_changes
from core.db.instances import insert


def recognise(*, user: User, claim: DeviceClaim) -> Device:
    """The user's device that `claim` describes, brought up to date; a new one where none fits.

    Only the user's own devices are looked at, and a device whose fingerprint differs is another device. The caller
    holds the user's lock, so one device signing in twice at once is recorded once.
    """
    seen = {
        "name": claim.name,
        "model": claim.model,
        "os_version": claim.os_version,
        "app_version": claim.app_version,
    }
    device = _find(user, claim)
    if device is None:
        return _add(user, claim, seen)
    known = {field: value for field, value in seen.items() if value}
    return save_changes(device, **known, last_seen_at=timezone.now())


def rename(*, actor: Principal, device_id: UUID, name: str) -> Device:
    """Raises: NotFound, where the caller has no such device."""
    with transaction.atomic():
        device: Device = lock(Device.objects.of(actor.user_id), id=device_id)
        return save_changes(device, name=name)


def remove(*, actor: Principal, device_id: UUID) -> None:
    """Forget a device of the caller's and end every session on it.

    Raises:
        NotFound: the caller has no such device.
    """
    with transaction.atomic():
        device = lock(Device.objects.of(actor.user_id), id=device_id)
        save_changes(device, revoked_at=timezone.now())
        there = DeviceSession.objects.of(actor.user_id).filter(device_id=device_id)
        end(actor=actor.user_id, sessions=there, reason=EndReason.DEVICE_REMOVED)
        record(action="device.removed", outcome="success", principal=actor, target_type="device", target_id=device_id)


def _find(user: User, claim: DeviceClaim) -> Device | None:
    own = Device.objects.of(user.id).filter(platform=claim.platform, fingerprint=fingerprint_digest(claim.fingerprint))
    known = own.filter(id=claim.id).first() if claim.id else None
    if known is None and claim.fingerprint:
        return own.order_by("-last_seen_at").first()
    return known


def _add(user: User, claim: DeviceClaim, seen: dict[str, str]) -> Device:
    device = insert(
        Device(
            user=user,
            platform=claim.platform,
            fingerprint=fingerprint_digest(claim.fingerprint),
            last_seen_at=timezone.now(),
            **seen,
        )
    )
    record(action="device.added", outcome="success", user_id=user.id, target_type="device", target_id=device.id)
    return device
