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
from accounts.errors import InvalidCredentials
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


def recognise(*, user: User, claim: DeviceClaim, has_signed: bool = False) -> Device:
    """The user's device that `claim` describes, brought up to date; a new one where none fits.

    Only the user's own devices are looked at, and a device whose fingerprint differs is another device. An id proves
    nothing, as every token tells it: what is only named is given to whoever may well be this device, without trust.
    `has_signed` says that a key of the named device proves it. The caller holds the user's lock, so one device signing
    in twice at once is recorded once.

    Raises:
        InvalidCredentials: the device that has signed was removed meanwhile.
    """
    seen = {
        "name": claim.name,
        "model": claim.model,
        "os_version": claim.os_version,
        "app_version": claim.app_version,
    }
    device = _find(user, claim)
    if device is None and has_signed:
        raise InvalidCredentials
    is_proved = has_signed or (device is not None and _is_the_same(device, claim))
    if device is None or not (is_proved or _is_free(device)):
        return _add(user, claim, seen)
    if not is_proved:
        _doubt(device)
    known = {field: value for field, value in seen.items() if value}
    return save_changes(device, **known, last_seen_at=timezone.now())


def rename(*, actor: Principal, device_id: UUID, name: str) -> Device:
    """Raises: NotFound, where the caller has no such device."""
    with transaction.atomic():
        device: Device = lock(Device.objects.of(actor.user_id), id=device_id)
        return save_changes(device, name=name)


def remove(*, actor: Principal, device_id: UUID) -> None:
    """Forget a device of the caller's and end every session on it, one that is just beginning there too.

    Raises:
        NotFound: the caller has no such device.
    """
    with transaction.atomic():
        lock(User.objects.all(), id=actor.user_id)  # first, as who signs in on it does
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
    """Whether a sign-in shows that it is this very device, which ids do not."""
    if device.fingerprint:
        return True
    keyed = DeviceSession.objects.of(device.user_id).filter(device=device, proof_key=claim.proof_key)
    return bool(claim.proof_key) and keyed.exists()


def _is_free(device: Device) -> bool:
    """Whether a sign-in that only names a device may have it: nobody is on it, or a client like this one.

    The latter not while it is trusted, as the client that has earned this would share it.
    """
    client = context.current()
    [[is_in_use, by_another]] = _in_use(device.id, timezone.now(), client.user_agent, client.client_ip or None)
    return not (is_in_use if device.assurance else by_another)


def _doubt(device: Device) -> None:
    """Take the trust from a device that was only named, and tell its owner if no such client has signed in before."""
    client = context.current()
    assurance.settle(device, Assurance.NONE, reason="signed_in_anew")
    [[is_seen_before]] = _others(device.user_id, device.platform, client.user_agent, client.client_ip or None)
    if not is_seen_before:
        _tell_owner(device)


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
        _tell_owner(device)
    return device


def _tell_owner(device: Device) -> None:
    publish(NewDeviceUsed(aggregate_id=device.id, user_id=device.user_id), actor_id=device.user_id)


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
    return devices.select_for_update(no_key=True, of=("self",))  # neither cleared away meanwhile, nor trusted anew


@prepared_rows
def _in_use(device_id: Any, now: Any, user_agent: Any, ip_address: Any) -> QuerySet[Any, Any]:
    """One row: whether a device has live sessions, and whether one of them is of another client or network."""
    there = DeviceSession.objects.live(now).filter(device_id=OuterRef("id"))
    elsewhere = there.exclude(user_agent=user_agent, ip_address=ip_address)
    return Device.objects.filter(id=device_id).values_list(Exists(there), Exists(elsewhere))


@prepared_rows
def _others(user_id: Any, platform: Any, user_agent: Any, ip_address: Any) -> QuerySet[Any, Any]:
    """Nothing of somebody who never had a device, else one row: whether such a client has signed in before."""
    alike = DeviceSession.objects.of(user_id).filter(device__platform=platform, user_agent=user_agent)
    seen = alike.filter(Q(ip_address=ip_address) | Q(ip_address=None))
    return Device.objects.filter(user_id=user_id).values_list(Exists(seen))[:1]
