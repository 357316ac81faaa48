"""What is to be delivered: of events as they happen, of tests, and again on demand. Sending is `sending.py`'s."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.selectors import workspaces_of
from core import context
from core.contributions.events import Published
from core.db.changes import lock
from core.db.ids import uuid7
from core.jobs import enqueue
from webhooks.errors import EndpointDisabled
from webhooks.managers import SendingQuerySet
from webhooks.models import Delivery, Endpoint
from webhooks.publicity import TEST_EVENT, Addressees, addressees_of, body_of, envelope
from webhooks.selectors import get_endpoint
from webhooks.types import DeliveryStatus, EndpointStatus

KEPT = timedelta(days=30)  # what happens within so long of a disabling waits for a replay


def fan_out(*, event: Published) -> int:
    """Write a delivery for each endpoint that wants the event, in the caller's transaction; returns how many.

    Endpoints that were disabled lately get theirs as given up already, to be replayed once they are enabled.
    """
    addressees = addressees_of(event)
    if addressees is None:
        return 0
    body, subjects = body_of(event), _subjects_of(addressees)
    wanted = [endpoint for endpoint in _endpoints_of(subjects) if event.name in endpoint.events]
    rows = [_delivery(endpoint, event, subjects[endpoint.workspace_id], body) for endpoint in wanted]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.status == DeliveryStatus.PENDING for row in rows):
        enqueue("webhooks.deliver")
    return len(rows)


@transaction.atomic
def send_test(*, actor: Principal, endpoint_id: UUID) -> Delivery:
    """Send a harmless event to an endpoint, by the way that all events take.

    Raises: NotFound, EndpointDisabled.
    """
    endpoint = _active(actor, endpoint_id)
    now = context.current()
    delivery = Delivery.objects.create(
        endpoint=endpoint,
        event_id=uuid7(),
        event_name=TEST_EVENT,
        body=envelope(TEST_EVENT, now.channel, timezone.now(), {"id": str(endpoint.id)}),
        channel=now.channel,
        trace_id=now.trace_id,
    )
    enqueue("webhooks.deliver")
    return delivery


@transaction.atomic
def replay_delivery(*, actor: Principal, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """Send an event once more, under its own id and with a new set of attempts; one that waits goes at once.

    Raises: NotFound, EndpointDisabled.
    """
    endpoint = _active(actor, endpoint_id)
    found: Delivery = lock(Delivery.objects.filter(endpoint=endpoint), id=delivery_id)
    again(Delivery.objects.filter(id=found.id))
    found.refresh_from_db()
    return found


@transaction.atomic
def replay_failed(*, actor: Principal, endpoint_id: UUID, since: datetime) -> int:
    """Send everything once more that happened since then and was given up; returns how much that is.

    Raises: NotFound, EndpointDisabled.
    """
    endpoint = _active(actor, endpoint_id)
    return again(Delivery.objects.filter(endpoint=endpoint, status=DeliveryStatus.FAILED, created_at__gte=since))


@transaction.atomic
def replay_by_staff(*, actor_id: UUID, endpoint_id: UUID, deliveries: SendingQuerySet) -> int:
    """Send those of `deliveries` once more that go to this endpoint, whosever it is; returns how many that are.

    Raises: NotFound, EndpointDisabled.
    """
    endpoint: Endpoint = lock(Endpoint.objects.all(), id=endpoint_id)
    if endpoint.status != EndpointStatus.ACTIVE:
        raise EndpointDisabled
    count = again(deliveries.filter(endpoint=endpoint))
    record(
        action="webhook.replayed",
        outcome="success",
        user_id=actor_id,
        target_type="webhook_endpoint",
        target_id=endpoint.id,
        deliveries=count,
    )
    return count


def again(deliveries: SendingQuerySet) -> int:
    """A new set of attempts for each, but for those that are being sent at this moment."""
    now = timezone.now()
    count = deliveries.filter(Q(leased_until=None) | Q(leased_until__lte=now)).update(
        status=DeliveryStatus.PENDING, attempts=0, due_at=now, leased_until=None, finished_at=None, updated_at=now
    )
    if count:
        enqueue("webhooks.deliver")
    return count


def _subjects_of(addressees: Addressees) -> dict[UUID | None, UUID | None]:
    """Each workspace that hears of an event, and the platform (None) -> the person whom it is about, as they see it.

    Of two people it is the one whose workspace it is; for the platform, and for what both share, the one named first.
    """
    first = addressees.people[0] if addressees.people else None
    subjects = {None: first, addressees.workspace: first}
    for person in reversed(addressees.people):
        subjects |= dict.fromkeys(workspaces_of(person), person)
    return subjects


def _endpoints_of(workspaces: Iterable[UUID | None]) -> list[Endpoint]:
    """Endpoints of the platform and of these workspaces, but for those disabled long ago."""
    named = [workspace for workspace in workspaces if workspace]
    lately = Q(status=EndpointStatus.ACTIVE) | Q(disabled_at__gt=timezone.now() - KEPT)
    return list(Endpoint.objects.filter(lately, Q(workspace=None) | Q(workspace__in=named)))


def _delivery(endpoint: Endpoint, event: Published, subject_id: UUID | None, body: str) -> Delivery:
    is_active = endpoint.status == EndpointStatus.ACTIVE
    return Delivery(
        endpoint=endpoint,
        event_id=event.id,
        event_name=event.name,
        subject_id=subject_id,
        body=body,
        channel=event.channel,
        trace_id=event.trace_id,
        status=DeliveryStatus.PENDING if is_active else DeliveryStatus.FAILED,
        finished_at=None if is_active else timezone.now(),
        error="" if is_active else "endpoint disabled",
    )


def _active(actor: Principal, endpoint_id: UUID) -> Endpoint:
    endpoint = get_endpoint(actor, endpoint_id)
    if endpoint.status != EndpointStatus.ACTIVE:
        raise EndpointDisabled
    return endpoint
