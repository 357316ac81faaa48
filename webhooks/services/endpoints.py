"""Registering endpoints, changing them, and switching them off and on."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.services import record
from access.types import Principal
from core.db.advisory import try_lock
from core.db.changes import lock, save_changes
from core.errors import Invalid, Unavailable
from core.outbound import UrlNotAllowed, check_url
from events.services import publish
from webhooks import signatures
from webhooks.errors import EndpointActive, EndpointWithdrawn, NoWorkspace, TooManyEndpoints
from webhooks.events import EndpointSwitchedOff
from webhooks.models import Delivery, Endpoint
from webhooks.publicity import public_events
from webhooks.types import DeliveryStatus, DisabledReason, EndpointStatus

MOST = 10  # endpoints of one workspace
ROTATION = timedelta(hours=24)  # for which the former secret signs as well


def register_endpoint(*, actor: Principal, url: str, events: Iterable[str], description: str = "") -> Endpoint:
    """Have events of the actor's workspace sent to `url`; the answer has the `secret`, this once.

    Raises:
        UrlNotAllowed: it is no public https address.
        Invalid: some of `events` are not public.
        NoWorkspace, TooManyEndpoints.
    """
    if actor.workspace_id is None:
        raise NoWorkspace
    return _register(actor.workspace_id, actor.user_id, url, events, description)


def register_platform_endpoint(*, actor_id: UUID, url: str, events: Iterable[str], description: str = "") -> Endpoint:
    """Have events of the whole platform sent to `url`. For staff; raises as `register_endpoint` does."""
    return _register(None, actor_id, url, events, description)


def update_endpoint(
    *,
    actor: Principal,
    endpoint_id: UUID,
    url: str | None = None,
    events: Iterable[str] | None = None,
    description: str | None = None,
) -> Endpoint:
    """Change what is given.

    Raises:
        NotFound: the caller may see no such endpoint.
        UrlNotAllowed, Invalid: as `register_endpoint`.
    """
    changes: dict[str, object] = {}
    if url is not None:
        changes["url"] = _checked_url(url)
    if events is not None:
        changes["events"] = _checked_events(events)
    if description is not None:
        changes["description"] = description
    with transaction.atomic():
        endpoint = _lock(actor, endpoint_id)
        _record("changed", endpoint, actor.user_id, fields=sorted(changes))
        return save_changes(endpoint, **changes)


@transaction.atomic
def delete_endpoint(*, actor: Principal, endpoint_id: UUID) -> None:
    """Forget an endpoint with all that was delivered to it.

    Raises: NotFound.
    """
    _delete(_lock(actor, endpoint_id), actor.user_id)


@transaction.atomic
def delete_platform_endpoint(*, actor_id: UUID, endpoint_id: UUID) -> None:
    """As `delete_endpoint`, by staff and for an endpoint of the platform that nothing is sent to any more.

    Raises:
        NotFound: the platform has no such endpoint.
        EndpointActive: disable it first.
    """
    endpoint = _lock_of_platform(endpoint_id)
    if endpoint.status != EndpointStatus.DISABLED:
        raise EndpointActive
    _delete(endpoint, actor_id)


def _delete(endpoint: Endpoint, actor_id: UUID) -> None:
    _record("deleted", endpoint, actor_id)
    endpoint.delete()


@transaction.atomic
def rotate_secret(*, actor: Principal, endpoint_id: UUID) -> Endpoint:
    """Give an endpoint a new secret; for a day the former one signs beside it. The answer has it, this once.

    Raises: NotFound.
    """
    return _with_new_secret(_lock(actor, endpoint_id), actor.user_id)


@transaction.atomic
def rotate_platform_secret(*, actor_id: UUID, endpoint_id: UUID) -> Endpoint:
    """As `rotate_secret`, by staff and for an endpoint of the platform; the secrets of others are their own."""
    return _with_new_secret(_lock_of_platform(endpoint_id), actor_id)


def _with_new_secret(endpoint: Endpoint, actor_id: UUID) -> Endpoint:
    secret = signatures.new_secret()
    save_changes(
        endpoint,
        sealed_former_secret=bytes(endpoint.sealed_secret),
        former_secret_until=timezone.now() + ROTATION,
        sealed_secret=signatures.sealed(secret, endpoint_id=endpoint.id),
    )
    _record("secret_rotated", endpoint, actor_id)
    endpoint.secret = secret
    return endpoint


@transaction.atomic
def enable_endpoint(*, actor: Principal, endpoint_id: UUID) -> Endpoint:
    """Send to it again. What it missed can be replayed.

    Raises:
        NotFound: the caller may see no such endpoint.
        EndpointWithdrawn: staff have disabled it, and staff alone enable it.
    """
    endpoint = _lock(actor, endpoint_id)
    if endpoint.disabled_reason == DisabledReason.STAFF:
        raise EndpointWithdrawn
    return _switch_on(endpoint, actor.user_id)


@transaction.atomic
def enable_by_staff(*, actor_id: UUID, endpoint_id: UUID) -> Endpoint:
    """Raises: NotFound."""
    return _switch_on(lock(Endpoint.objects.all(), id=endpoint_id), actor_id)


@transaction.atomic
def disable_endpoint(*, actor: Principal, endpoint_id: UUID) -> Endpoint:
    """Send nothing to it until it is enabled.

    Raises: NotFound.
    """
    return switch_off(_lock(actor, endpoint_id), DisabledReason.OWNER, actor_id=actor.user_id)


@transaction.atomic
def disable_by_staff(*, actor_id: UUID, endpoint_id: UUID) -> Endpoint:
    """Raises: NotFound."""
    return switch_off(lock(Endpoint.objects.all(), id=endpoint_id), DisabledReason.STAFF, actor_id=actor_id)


def switch_off(endpoint: Endpoint, reason: DisabledReason, *, actor_id: UUID | None = None) -> Endpoint:
    """Disable a locked endpoint, in the caller's transaction; what waits is given up and can be replayed.

    One that is disabled already stays so for the reason it was, unless it is staff who now want it to be.
    """
    if endpoint.status == EndpointStatus.DISABLED:
        is_overruled = reason is DisabledReason.STAFF and endpoint.disabled_reason != DisabledReason.STAFF
        if not is_overruled:
            return endpoint
    now = timezone.now()
    save_changes(endpoint, status=EndpointStatus.DISABLED, disabled_reason=reason, disabled_at=now)
    Delivery.objects.filter(endpoint=endpoint, status=DeliveryStatus.PENDING).update(
        status=DeliveryStatus.FAILED, finished_at=now, leased_until=None, error="endpoint disabled"
    )
    _record("disabled", endpoint, actor_id, why=reason)
    publish(EndpointSwitchedOff(aggregate_id=endpoint.id, reason=reason), actor_id=actor_id)
    return endpoint


def _switch_on(endpoint: Endpoint, actor_id: UUID) -> Endpoint:
    if endpoint.status == EndpointStatus.DISABLED:
        _record("enabled", endpoint, actor_id)
    return save_changes(
        endpoint,
        status=EndpointStatus.ACTIVE,
        disabled_reason="",
        disabled_at=None,
        failing_since=None,
        paused_until=None,
    )


def _register(workspace_id: UUID | None, actor_id: UUID, url: str, events: Iterable[str], description: str) -> Endpoint:
    endpoint = Endpoint(
        workspace_id=workspace_id,
        created_by_id=actor_id,
        url=_checked_url(url),
        events=_checked_events(events),
        description=description,
    )
    endpoint.secret = signatures.new_secret()
    endpoint.sealed_secret = signatures.sealed(endpoint.secret, endpoint_id=endpoint.id)
    with transaction.atomic():
        if not try_lock(f"webhooks of {workspace_id}"):
            raise Unavailable
        if Endpoint.objects.filter(workspace=workspace_id).count() >= MOST:
            raise TooManyEndpoints
        endpoint.save(force_insert=True)
        _record("registered", endpoint, actor_id)
    return endpoint


def _checked_url(url: str) -> str:
    """The address, if it may be called. Its name is looked up, so this stays outside of transactions."""
    if not url.startswith("https://"):
        raise UrlNotAllowed("Events are sent to https addresses alone.")
    check_url(url)
    return url


def _checked_events(events: Iterable[str]) -> list[str]:
    chosen = sorted(set(events))
    unknown = [name for name in chosen if name not in public_events()]
    if unknown:
        raise Invalid.field("events", f"There is no public event {unknown[0]!r}.", "unknown_event")
    if not chosen:
        raise Invalid.field("events", "Choose at least one event.", "empty")
    return chosen


def _lock(actor: Principal, endpoint_id: UUID) -> Endpoint:
    endpoint: Endpoint = lock(Endpoint.objects.visible_to(actor), id=endpoint_id)
    return endpoint


def _lock_of_platform(endpoint_id: UUID) -> Endpoint:
    endpoint: Endpoint = lock(Endpoint.objects.filter(workspace=None), id=endpoint_id)
    return endpoint


def _record(what: str, endpoint: Endpoint, actor_id: UUID | None, **details: Any) -> None:
    record(
        action=f"webhook.{what}",
        outcome="success",
        user_id=actor_id,
        target_type="webhook_endpoint",
        target_id=endpoint.id,
        **details,
    )
