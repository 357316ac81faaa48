"""How much a device is trusted: raised by evidence, lowered by bad news and by time, and in force at once."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access.services import forget_grants, record
from access.types import Principal
from accounts.events import DeviceAssuranceChanged, DeviceIntegrityDoubted
from accounts.models import Device, IntegritySignal
from core.db.changes import lock, save_changes
from core.db.instances import insert
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
