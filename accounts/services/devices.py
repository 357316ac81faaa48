"""Knowing devices again, naming and removing them."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.digests import fingerprint_digest
from accounts.events import NewDeviceUsed
from accounts.models import BiometricKey, Device, DeviceSession, User
from accounts.services import assurance
from accounts.services.endings import end
from accounts.types import DeviceClaim, EndReason
from core import context
from core.db.changes import lock, save_changes
from core.db.instances import insert
from core.db.prepared import prepared_instances, prepared_rows
from core.http.access import Assurance
from events.services import publish


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
    if device.assurance and not _is_the_same(device, claim):
        assurance.settle(device, Assurance.NONE, reason="signed_in_anew")
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
        BiometricKey.objects.filter(device_id=device_id).delete()
        record(action="device.removed", outcome="success", principal=actor, target_type="device", target_id=device_id)


def _find(user: User, claim: DeviceClaim) -> Device | None:
    fingerprint = fingerprint_digest(claim.fingerprint)
    alike = (user.id, timezone.now(), claim.platform, fingerprint)
    known = _named.first(*alike, claim.id) if claim.id else None
    return _alike.first(*alike) if known is None and fingerprint else known


def _is_the_same(device: Device, claim: DeviceClaim) -> bool:
    """Whether a sign-in shows that it is this very device, which ids do not: every token of the device tells them."""
    if device.fingerprint:
        return True
    keyed = DeviceSession.objects.of(device.user_id).filter(device=device, proof_key=claim.proof_key)
    return bool(claim.proof_key) and keyed.exists()


def _is_news(user: User, claim: DeviceClaim) -> bool:
    """Whether the owner should hear of a new device: not of the first, and not of what looks like one that is known.

    A client that says nothing by which it can be told apart is another device at every sign-in; it is known where it
    has signed in before.
    """
    client = context.current()
    others = _others(user.id, claim.platform, client.user_agent, client.client_ip or None)
    if not others:
        return False
    [[is_seen_before]] = others
    return bool(claim.id or claim.fingerprint or claim.name) or not is_seen_before


def _add(user: User, claim: DeviceClaim, seen: dict[str, str]) -> Device:
    is_news = _is_news(user, claim)
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
    if is_news:
        publish(NewDeviceUsed(aggregate_id=device.id, user_id=user.id), actor_id=user.id)
    return device


@prepared_instances
def _named(user_id: Any, now: Any, platform: Any, fingerprint: Any, device_id: Any) -> QuerySet[Device]:
    return _counting(user_id, now).filter(platform=platform, fingerprint=fingerprint, id=device_id)


@prepared_instances
def _alike(user_id: Any, now: Any, platform: Any, fingerprint: Any) -> QuerySet[Device]:
    alike = _counting(user_id, now).filter(platform=platform, fingerprint=fingerprint)
    return alike.order_by("-last_seen_at")[:1]


def _counting(user_id: Any, now: Any) -> QuerySet[Device]:
    """Somebody's devices, with how many live sessions they have on all of them."""
    live = DeviceSession.objects.live(now).filter(user_id=OuterRef("user_id")).order_by().values("user_id")
    count = Coalesce(Subquery(live.annotate(number=Count("*")).values("number")), 0)
    devices: QuerySet[Device] = Device.objects.of(user_id).annotate(live_sessions=count)
    return devices


@prepared_rows
def _others(user_id: Any, platform: Any, user_agent: Any, ip_address: Any) -> QuerySet[Any, Any]:
    """Nothing of somebody who never had a device, else one row: whether such a client has signed in before."""
    alike = DeviceSession.objects.of(user_id).filter(device__platform=platform, user_agent=user_agent)
    seen = alike.filter(Q(ip_address=ip_address) | Q(ip_address=None))
    return Device.objects.filter(user_id=user_id).values_list(Exists(seen))[:1]
