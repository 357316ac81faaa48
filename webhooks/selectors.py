"""Reading endpoints, what goes to them, and how it went."""

from datetime import datetime
from uuid import UUID

from django.db.models import Min, QuerySet
from django.utils import timezone

from access.types import Principal
from core.db.instances import fetch_first
from core.errors import NotFound
from webhooks.managers import EndpointQuerySet, SendingQuerySet
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.types import DeliveryStatus, EndpointStatus


def list_endpoints(principal: Principal) -> EndpointQuerySet:
    endpoints: EndpointQuerySet = Endpoint.objects.visible_to(principal)
    return endpoints


def get_endpoint(principal: Principal, endpoint_id: UUID) -> Endpoint:
    """Raises: NotFound, where the caller may see no such endpoint."""
    found: Endpoint | None = fetch_first(list_endpoints(principal).filter(id=endpoint_id))
    if found is None:
        raise NotFound
    return found


def list_deliveries(principal: Principal, endpoint_id: UUID) -> SendingQuerySet:
    """Raises: NotFound, where the caller may see no such endpoint."""
    endpoint = get_endpoint(principal, endpoint_id)
    deliveries: SendingQuerySet = Delivery.objects.filter(endpoint=endpoint)
    return deliveries


def get_delivery(principal: Principal, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """Raises: NotFound."""
    found: Delivery | None = fetch_first(list_deliveries(principal, endpoint_id).filter(id=delivery_id))
    if found is None:
        raise NotFound
    return found


def list_attempts(delivery_id: UUID) -> QuerySet[Attempt]:
    """The newest attempts, oldest first."""
    return Attempt.objects.filter(delivery_id=delivery_id).order_by("number")


def find_endpoint(endpoint_id: UUID) -> Endpoint | None:
    return Endpoint.objects.select_related("created_by", "workspace").filter(id=endpoint_id).first()


def pending_deliveries() -> int:
    return _pending().count()


def lag_seconds() -> float:
    """How long ago the first delivery was due that nobody has sent; zero when there is none."""
    now = timezone.now()
    oldest: datetime | None = _pending().due(now).aggregate(oldest=Min("due_at"))["oldest"]
    return (now - oldest).total_seconds() if oldest else 0.0


def disabled_endpoints() -> int:
    return Endpoint.objects.filter(status=EndpointStatus.DISABLED).count()


def _pending() -> SendingQuerySet:
    pending: SendingQuerySet = Delivery.objects.filter(
        status=DeliveryStatus.PENDING, endpoint__status=EndpointStatus.ACTIVE
    )
    return pending
