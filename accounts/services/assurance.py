"""How much a device is trusted: raised by evidence, lowered by bad news and by time, and in force at once."""

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from access.services import forget_grants, record
from access.types import Principal
from accounts.events import DeviceAssuranceChanged, DeviceIntegrityDoubted
from accounts.models import BiometricKey, Device, DeviceSession, IntegritySignal
from core.db.changes import lock, save_changes
from core.db.instances import fetch_instances, insert
from core.http.access import Assurance
from events.services import publish


def settle(device: Device, level: Assurance, *, reason: str) -> Device:
    """Give a locked device its level, in the caller's transaction. Requests of its live sessions see it at once."""
    before = Assurance(device.assurance)
    until = timezone.now() + settings.ASSURANCE_LIFETIME if level else None
    save_changes(device, assurance=level, assured_until=until)
    if level != before:
        publish(
            DeviceAssuranceChanged(
                aggregate_id=device.id,
                user_id=device.user_id,
                before=before.name.lower(),
                after=level.name.lower(),
                reason=reason,
            )
        )
        forget_grants(device.user_id)  # what requests remember of a user is remembered together
    return device


def earn(device: Device, level: Assurance, *, reason: str, session: DeviceSession) -> Device:
    """Give a locked device the level that evidence shown by `session` is worth. The caller holds its user's lock, too.

    Evidence says nothing of others who signed in by naming this device, so that they must not have what it earns.
    """
    if level > device.assurance and not device.fingerprint:
        _set_apart(device, session)
    return settle(device, level, reason=reason)


def report_integrity(*, actor: Principal, **signals: bool) -> Device:
    """Note what an app found out about the caller's device. A bad sign takes the level away until it is earned anew.

    Good signs change nothing: a device that lies sends those as well.
    """
    with transaction.atomic():
        device: Device = lock(Device.objects.of(actor.user_id), id=actor.device_id)
        known = IntegritySignal.objects.filter(device=device).order_by("-id").first()
        found = insert(IntegritySignal(device=device, **signals))
        if not found.bad:
            return device
        if known is None or known.bad != found.bad:
            _tell(actor, device, found)
        return settle(device, Assurance.NONE, reason="integrity")


def lapse() -> None:
    """Take the level from devices whose evidence has grown old."""
    old = Device.objects.filter(assured_until__lt=timezone.now())
    for device_id in list(old.values_list("id", flat=True)):
        with transaction.atomic():
            device = Device.objects.select_for_update(no_key=True).filter(id=device_id).first()
            if device is not None and device.assured_until and device.assured_until < timezone.now():
                settle(device, Assurance.NONE, reason="lapsed")


def _set_apart(device: Device, session: DeviceSession) -> None:
    """Move whoever is on a device beside `session`, and does not hold its key, to a device of their own.

    The caller changes the device's level, and with that forgets what is remembered of the user: their next request
    finds them where they are now.
    """
    there = DeviceSession.objects.live().filter(device=device).exclude(id=session.id)
    others = there.exclude(proof_key=session.proof_key) if session.proof_key else there
    moved = fetch_instances(others.select_for_update(no_key=True).order_by("id"))
    if not moved:
        return
    now = timezone.now()
    alike = ("user_id", "platform", "name", "model", "os_version", "app_version", "last_seen_at")
    apart = insert(Device(**{field: getattr(device, field) for field in alike}))
    ids = [each.id for each in moved]
    DeviceSession.objects.filter(id__in=ids).update(device=apart, updated_at=now, rev=F("rev") + 1)
    record(
        action="device.added",
        outcome="success",
        user_id=device.user_id,
        target_type="device",
        target_id=apart.id,
        reason="set_apart",
        sessions=[str(each) for each in ids],
    )
    _forget_doubtful_key(device, moved[0])


def _forget_doubtful_key(device: Device, first: DeviceSession) -> None:
    """Forget a biometric key that may be of somebody who has been moved, the `first` of whom began then: it would let
    them back on the device.
    """
    for key in BiometricKey.objects.filter(device=device, created_at__gte=first.created_at):
        key.delete()
        record(
            action="biometric.withdrawn",
            outcome="success",
            user_id=device.user_id,
            target_type="device",
            target_id=device.id,
            reason="set_apart",
        )


def _tell(actor: Principal, device: Device, found: IntegritySignal) -> None:
    signals = " ".join(found.bad)
    record(
        action="integrity.doubted",
        outcome="failure",
        principal=actor,
        target_type="device",
        target_id=device.id,
        reason=signals,
    )
    publish(DeviceIntegrityDoubted(aggregate_id=device.id, user_id=device.user_id, signals=signals))
