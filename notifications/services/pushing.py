"""Where apps are pushed to. Tokens are rows of django-push-notifications, whose senders we leave alone.

A token is an address: whoever signs in on a phone takes it over from whoever did before, so that nobody is shown what
another was told.
"""

import re
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from push_notifications.models import APNSDevice, GCMDevice

from access.types import Principal
from accounts.selectors import list_sessions
from core.db.changes import lock
from notifications.errors import NoDevice
from notifications.models import PushRegistration
from notifications.types import Platform

_APNS_TOKEN = re.compile(r"[0-9a-fA-F]{64,200}")


def register_token(*, actor: Principal, platform: Platform, token: str) -> PushRegistration:
    """Push to the actor's device from now on. An app on iOS may use Apple's token, or the one that Firebase gives it.

    Raises:
        NoDevice: the actor's session belongs to no device.
    """
    if actor.device_id is None:
        raise NoDevice
    with transaction.atomic():
        get_user_model().objects.select_for_update(no_key=True).get(pk=actor.user_id)
        own = PushRegistration.objects.filter(device_id=actor.device_id).select_related("fcm", "apns")
        known: PushRegistration | None = own.first()
        if known is not None and known.platform == platform and token in _tokens(known):
            return known
        _forget(Q(device_id=actor.device_id) | Q(fcm__registration_id=token) | Q(apns__registration_id=token))
        service = {"user_id": actor.user_id, "registration_id": token}
        is_apple = platform is Platform.IOS and _APNS_TOKEN.fullmatch(token) is not None
        registration: PushRegistration = PushRegistration.objects.create(
            user_id=actor.user_id,
            device_id=actor.device_id,
            platform=platform,
            apns=APNSDevice.objects.create(device_id=actor.device_id, **service) if is_apple else None,
            fcm=None if is_apple else GCMDevice.objects.create(**service),
        )
        return registration


@transaction.atomic
def remove_token(*, actor: Principal, device_id: UUID) -> None:
    """Push to one of the actor's devices no longer.

    Raises: NotFound.
    """
    found: PushRegistration = lock(PushRegistration.objects.visible_to(actor), device_id=device_id)
    _forget(Q(id=found.id))


def forget_device(*, user_id: UUID, device_id: UUID) -> None:
    """Push no longer to a device on which nobody is signed in."""
    if not list_sessions(user_id).filter(device_id=device_id).exists():
        _forget(Q(user_id=user_id, device_id=device_id))


def _tokens(registration: PushRegistration) -> list[str]:
    return [each.registration_id for each in (registration.fcm, registration.apns) if each is not None]


def _forget(where: Q) -> None:
    """Delete registrations with the rows behind them."""
    doomed = list(PushRegistration.objects.filter(where).values_list("fcm_id", "apns_id"))
    GCMDevice.objects.filter(id__in=[fcm for fcm, _ in doomed if fcm]).delete()
    APNSDevice.objects.filter(id__in=[apns for _, apns in doomed if apns]).delete()
