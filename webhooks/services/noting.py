"""Writing down how an attempt went, and what follows: done, another try, or an endpoint that is switched off."""

import logging
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from prometheus_client import Counter

from core.context import Channel
from core.db.instances import fetch_first
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services.endpoints import switch_off
from webhooks.types import Claim, DeliveryStatus, DisabledReason, Outcome

_HOUR = 3600
SCHEDULE = (0, 5, 300, 1800, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
"""Seconds before each attempt, from the one before it: 75 hours in all."""
JITTER = 0.1  # of each wait, either way
GIVEN_UP = 3  # deliveries without a success in between, after which an endpoint is switched off
LOGGED = 30  # attempts of one delivery

logger = logging.getLogger(__name__)

ATTEMPTS = Counter("gigvora_webhook_attempts", "Attempts to deliver to integrators.", ("surface", "outcome"))


@transaction.atomic
def note(*, claim: Claim, outcome: Outcome) -> None:
    """Write down how the attempt of a claim went, unless somebody else has claimed the delivery since.

    The endpoint is locked before its delivery, as everywhere.
    """
    endpoint = fetch_first(Endpoint.objects.select_for_update(no_key=True).filter(id=claim.endpoint_id))
    ours = Delivery.objects.filter(id=claim.delivery_id, fence=claim.fence, status=DeliveryStatus.PENDING)
    delivery = fetch_first(ours.select_for_update())
    if endpoint is None or delivery is None:
        return
    if not outcome.was_sent:
        _put_back(delivery, outcome)
        return
    _log(delivery, outcome)
    delivery.status_code, delivery.latency_ms, delivery.error = outcome.status, outcome.latency, outcome.error[:200]
    if outcome.is_success:
        _succeeded(endpoint, delivery)
    else:
        _failed(endpoint, delivery, outcome)


def give_up(deliveries: Iterable[Delivery]) -> None:
    """Finish locked deliveries whose last attempt nobody has noted, in the caller's transaction.

    Their senders were killed, which is not held against the endpoint.
    """
    for delivery in deliveries:
        logger.warning("Delivery %s is given up: its last sender has not noted how it went.", delivery.id)
        delivery.error = "given up: it is not known how the last attempt went"
        _finish(delivery, DeliveryStatus.FAILED, timezone.now())


def wait_before(attempt: int, *, asked: float = 0.0) -> timedelta:
    """How long to wait before an attempt (the first is 1), `asked` for by the receiver or by the schedule."""
    jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  spreads retries, protects nothing
    return timedelta(seconds=max(SCHEDULE[attempt - 1] * jitter, asked))


def _put_back(delivery: Delivery, outcome: Outcome) -> None:
    """Nothing was sent, so nothing is counted."""
    delivery.attempts = max(delivery.attempts - 1, 0)  # a replay after the lease may have begun to count anew
    delivery.due_at, delivery.leased_until = timezone.now() + timedelta(seconds=outcome.wait), None
    delivery.save(update_fields=["attempts", "due_at", "leased_until"])


def _log(delivery: Delivery, outcome: Outcome) -> None:
    Attempt.objects.create(
        delivery=delivery,
        number=delivery.fence,
        latency_ms=outcome.latency,
        status_code=outcome.status,
        error=outcome.error[:200],
        response=outcome.response,
    )
    Attempt.objects.filter(delivery=delivery, number__lte=delivery.fence - LOGGED).delete()
    ATTEMPTS.labels(Channel(delivery.channel).surface, _label(outcome)).inc()


def _succeeded(endpoint: Endpoint, delivery: Delivery) -> None:
    _finish(delivery, DeliveryStatus.DELIVERED, timezone.now())
    if endpoint.failing_since or endpoint.paused_until:
        endpoint.failing_since = endpoint.paused_until = None
        endpoint.save(update_fields=["failing_since", "paused_until"])


def _failed(endpoint: Endpoint, delivery: Delivery, outcome: Outcome) -> None:
    now = timezone.now()
    if delivery.attempts >= len(SCHEDULE) or outcome.status == 410:
        _finish(delivery, DeliveryStatus.FAILED, now)
    else:
        delivery.due_at = now + wait_before(delivery.attempts + 1, asked=outcome.wait)
        delivery.leased_until = None
        delivery.save()
    endpoint.failing_since = endpoint.failing_since or now
    if outcome.wait:
        endpoint.paused_until = now + timedelta(seconds=outcome.wait)
    endpoint.save(update_fields=["failing_since", "paused_until"])
    _judge(endpoint, outcome)


def _judge(endpoint: Endpoint, outcome: Outcome) -> None:
    """Switch an endpoint off that says it is gone, or to which several events could not be delivered in days."""
    if outcome.status == 410:
        switch_off(endpoint, DisabledReason.GONE)
        return
    given_up = Delivery.objects.filter(
        endpoint=endpoint, status=DeliveryStatus.FAILED, finished_at__gte=endpoint.failing_since
    )
    if given_up.count() >= GIVEN_UP:
        switch_off(endpoint, DisabledReason.FAILING)


def _finish(delivery: Delivery, status: DeliveryStatus, now: datetime) -> None:
    delivery.status, delivery.finished_at, delivery.leased_until = status, now, None
    delivery.save()


def _label(outcome: Outcome) -> str:
    if outcome.status is None:
        return "refused" if outcome.error.startswith("url_not_allowed") else "unreachable"
    return f"{outcome.status // 100}xx"
