"""Delivering published events to their subscribers.

A delivery is claimed in one short transaction and handled in a second one, which also marks it done: what a handler
writes to the database happens once, whatever is killed. Slow handlers run between two short transactions instead.
A claim that is never finished comes due again.
"""

import logging
import random
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from core import context
from core.contributions.events import Published, Subscription, subscriptions
from core.jobs import enqueue
from events.models import Delivery, OutboxEvent

LEASE = timedelta(seconds=60)
BATCH = 20
MAX_ATTEMPTS = 10
FIRST_RETRY = 2.0  # seconds, doubled with each attempt
LAST_RETRY = 3600.0  # seconds

_log = logging.getLogger(__name__)


def dispatch(*, seconds: float = 20.0) -> int:
    """Deliver what is due, for at most about `seconds`; returns how many deliveries were tried.

    Any number of dispatchers may run at once. Events of one aggregate reach a subscriber one after the other, and
    while one of them fails, later ones wait; other aggregates and other subscribers do not.
    """
    tried, deadline = 0, monotonic() + seconds
    while claimed := _claim():
        for delivery in claimed:
            _deliver(delivery)
        tried += len(claimed)
        if monotonic() > deadline:
            enqueue("events.dispatch")
            break
    return tried


def replay(*, deliveries: QuerySet[Delivery]) -> int:
    """Give deliveries that were given up a new set of attempts; returns how many there were."""
    count = deliveries.filter(status=Delivery.Status.DEAD).update(
        status=Delivery.Status.PENDING, attempts=0, due_at=timezone.now(), finished_at=None
    )
    if count:
        enqueue("events.dispatch")
    return count


def _claim() -> list[Delivery]:
    """Lease the oldest due deliveries, at most one per subscriber and aggregate: the first that is unfinished.

    Subscribers unknown to this process are left to the processes, of a newer or older release, that know them.
    """
    pending = Delivery.objects.filter(status=Delivery.Status.PENDING)
    earlier = pending.filter(
        subscriber=OuterRef("subscriber"), aggregate_id=OuterRef("aggregate_id"), id__lt=OuterRef("id")
    )
    known = [subscription.subscriber for subscription in subscriptions()]
    now = timezone.now()
    due = pending.filter(~Exists(earlier), subscriber__in=known, due_at__lte=now).order_by("due_at", "id")
    with transaction.atomic():
        claimed = list(due.select_for_update(skip_locked=True)[:BATCH])
        if claimed:
            _lease(claimed, until=now + LEASE)
    return claimed


def _lease(claimed: Sequence[Delivery], *, until: datetime) -> None:
    for delivery in claimed:
        delivery.attempts += 1
    ids = [delivery.pk for delivery in claimed]
    Delivery.objects.filter(pk__in=ids).update(due_at=until, attempts=F("attempts") + 1)


def _deliver(claim: Delivery) -> None:
    """Run the handler and mark the delivery done, or write down why not."""
    subscription = next(wish for wish in subscriptions() if wish.subscriber == claim.subscriber)
    if subscription.is_slow:
        _deliver_slowly(claim, subscription)
        return
    with transaction.atomic():
        if (delivery := _still_ours(claim)) is not None:
            _note(delivery, _handle(delivery, subscription))


def _deliver_slowly(claim: Delivery, subscription: Subscription) -> None:
    """No transaction is open while the handler runs; a lease of its own keeps others away."""
    with transaction.atomic():
        delivery = _still_ours(claim)
        if delivery is None:
            return
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() + LEASE)
    failure = _handle(delivery, subscription)
    with transaction.atomic():
        if (delivery := _still_ours(claim)) is not None:
            _note(delivery, failure)


def _handle(delivery: Delivery, subscription: Subscription) -> Exception | None:
    """What went wrong, if something did; then a handler's writes are undone, unless it is slow."""
    event = _published(delivery.event)
    try:
        with nullcontext() if subscription.is_slow else transaction.atomic(), context.scope(_context_of(event)):
            subscription.handle(event)
    except Exception as error:
        _log.exception("Subscriber %s failed on event %s (%s)", delivery.subscriber, event.id, event.name)
        return error
    return None


def _still_ours(claim: Delivery) -> Delivery | None:
    """The claimed delivery under its lock, unless the lease ran out and somebody else has claimed it since."""
    return (
        Delivery.objects.select_related("event")
        .select_for_update(skip_locked=True, of=("self",))
        .filter(pk=claim.pk, attempts=claim.attempts, status=Delivery.Status.PENDING)
        .first()
    )


def _note(delivery: Delivery, failure: Exception | None) -> None:
    if failure is None:
        _finish(delivery, Delivery.Status.DONE)
    else:
        _put_off(delivery, failure)


def _put_off(delivery: Delivery, error: Exception) -> None:
    """Try again later, each time later than before; after the last attempt give up and keep the reason."""
    delivery.error = f"{type(error).__name__}: {error}"[:2000]
    if delivery.attempts >= MAX_ATTEMPTS:
        _finish(delivery, Delivery.Status.DEAD)
        return
    delay = min(FIRST_RETRY * 2 ** (delivery.attempts - 1), LAST_RETRY)
    jitter = random.uniform(0.75, 1.25)  # noqa: S311  spreads retries, protects nothing
    delivery.due_at = timezone.now() + timedelta(seconds=delay * jitter)
    delivery.save(update_fields=["due_at", "error"])


def _finish(delivery: Delivery, status: Delivery.Status) -> None:
    delivery.status = status
    delivery.finished_at = timezone.now()
    delivery.save(update_fields=["status", "finished_at", "error"])


def _context_of(event: Published) -> context.Context:
    """Handlers work under the channel and trace of what happened, so that both can be followed to the end."""
    return context.Context(
        channel=context.Channel(event.channel),
        trace_id=event.trace_id,
        user_id=str(event.actor_id or ""),
    )


def _published(event: OutboxEvent) -> Published:
    return Published(
        id=event.id,
        name=event.name,
        version=event.version,
        aggregate=event.aggregate,
        aggregate_id=event.aggregate_id,
        payload=event.payload,
        channel=event.channel,
        actor_id=event.actor_id,
        trace_id=event.trace_id,
        occurred_at=event.occurred_at,
    )
