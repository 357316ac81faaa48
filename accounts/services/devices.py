"""Knowing devices again, naming and removing them."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
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
from core.http.limits import network_of
from events.services import publish

_LATEST = 50  # sessions that tell from where somebody signs in


def recognise(*, user: User, claim: DeviceClaim, has_signed: bool = False) -> Device:
    """The user's device that `claim` describes, brought up to date; a new one where none fits.

    Only the user's own devices are looked at, and a device whose fingerprint differs is another device. An id proves
    nothing, as every token tells it: who only names a device gets it without trust, or one of their own where somebody
    is on it who could lose by that. `has_signed` says that a key of the named device proves it. The caller holds the
    user's lock, so one device signing in twice at once is recorded once.

    Raises:
        InvalidCredentials: the device that has signed was removed meanwhile.
    """
    device = _find(user, claim)
    if device is None:
        if has_signed:
            raise InvalidCredentials
        return _add(user, claim, is_news=_is_news(user, claim))
    if has_signed or device.fingerprint or (claim.proof_key and device.is_of_one_key):
        return _seen(device, claim)
    if device.is_in_use if device.assurance else device.has_another_key:
        return _add(user, claim, is_news=True)
    assurance.settle(device, Assurance.NONE, reason="signed_in_anew")
    if not (device.is_of_known_agent or _is_known_network(user)):
        _tell_owner(device)
    return _seen(device, claim)


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
    now, agent = timezone.now(), context.current().user_agent
    named = _named.first(user.id, now, claim.id, claim.proof_key, agent) if claim.id else None
    if named is not None and (named.platform, named.fingerprint) == (claim.platform, fingerprint):
        return named
    return _alike.first(user.id, now, claim.platform, fingerprint) if fingerprint else None


def _is_known_network(user: User) -> bool:
    """Whether the client comes from where its user has signed in lately."""
    here = network_of(context.current().client_ip)
    latest = DeviceSession.objects.of(user.id).order_by("-rotated_at")[:_LATEST]
    return any(network_of(address or "") == here for address in latest.values_list("ip_address", flat=True))


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


def _add(user: User, claim: DeviceClaim, *, is_news: bool) -> Device:
    device = insert(
        Device(
            user=user,
            platform=claim.platform,
            fingerprint=fingerprint_digest(claim.fingerprint),
            last_seen_at=timezone.now(),
            **_described(claim),
        )
    )
    record(action="device.added", outcome="success", user_id=user.id, target_type="device", target_id=device.id)
    if is_news:
        _tell_owner(device)
    return device


def _seen(device: Device, claim: DeviceClaim) -> Device:
    known = {field: value for field, value in _described(claim).items() if value}
    return save_changes(device, **known, last_seen_at=timezone.now())


def _described(claim: DeviceClaim) -> dict[str, str]:
    return {
        "name": claim.name,
        "model": claim.model,
        "os_version": claim.os_version,
        "app_version": claim.app_version,
    }


def _tell_owner(device: Device) -> None:
    publish(NewDeviceUsed(aggregate_id=device.id, user_id=device.user_id), actor_id=device.user_id)


@prepared_instances
def _named(user_id: Any, now: Any, device_id: Any, proof_key: Any, user_agent: Any) -> QuerySet[Device]:
    """The device of an id: with whether all its sessions have this key, whether it has live ones, and live ones of
    another key; and whether its owner has had a session of this agent.
    """
    there = DeviceSession.objects.filter(device_id=OuterRef("id"))
    others = there.exclude(proof_key=proof_key)
    facts: dict[str, Any] = {
        "is_of_one_key": ExpressionWrapper(Exists(there) & ~Exists(others), BooleanField()),
        "is_in_use": Exists(there.live(now)),
        "has_another_key": Exists(others.live(now).exclude(proof_key="")),
        "is_of_known_agent": Exists(DeviceSession.objects.of(user_id).filter(user_agent=user_agent)),
    }
    return _counting(user_id, now).filter(id=device_id).annotate(**facts)


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
def _others(user_id: Any, platform: Any, user_agent: Any, ip_address: Any) -> QuerySet[Any, Any]:
    """Nothing of somebody who never had a device, else one row: whether such a client has signed in before."""
    alike = DeviceSession.objects.of(user_id).filter(device__platform=platform, user_agent=user_agent)
    seen = alike.filter(Q(ip_address=ip_address) | Q(ip_address=None))
    return Device.objects.filter(user_id=user_id).values_list(Exists(seen))[:1]
