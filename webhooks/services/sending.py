"""Sending what is due. A delivery is leased in one short transaction, sent outside of any, and noted in another.

Whoever is killed in between leaves a lease that runs out; the same event is then sent again, under the same id.
Threads only send: the database belongs to the one that claims and notes, so any number of slow receivers hold a few
senders and nobody's row. Whatever goes wrong with one delivery is its own affair: the others are sent and noted.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from webhooks.exchange import exchange
from webhooks.models import Delivery, Endpoint
from webhooks.services.noting import SCHEDULE, give_up, note
from webhooks.types import Claim, Outcome

LEASE = timedelta(seconds=60)  # four times the longest that an exchange takes
SENDERS = 16  # exchanges of one process at once
MOST_AT_ONCE = 4  # exchanges with one endpoint, of all processes together

logger = logging.getLogger(__name__)


def deliver_due(*, seconds: float = 30.0) -> int:
    """Send what is due, for at most about `seconds` and one exchange more; returns how many attempts were made.

    Any number of processes may do so at once.
    """
    made, deadline = 0, monotonic() + seconds
    flying: dict[Future[Outcome], Claim] = {}
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="webhook") as pool:
        try:
            while True:
                room = SENDERS - len(flying) if monotonic() < deadline else 0
                for claim in claims(room):
                    flying[pool.submit(exchange, claim)] = claim
                if not flying:
                    return made
                for ended in wait(flying, return_when=FIRST_COMPLETED).done:
                    _settle(ended, flying.pop(ended))
                    made += 1
        finally:
            for ended in wait(flying).done:  # claiming has failed; what was sent by then is not to be sent again
                _settle(ended, flying[ended])


def _settle(ended: Future[Outcome], claim: Claim) -> None:
    """Write down how an exchange ended. Where that fails, its lease runs out, and the delivery is claimed again."""
    try:
        note(claim=claim, outcome=_outcome_of(ended, claim))
    except Exception:
        logger.exception("How delivery %s went could not be noted.", claim.delivery_id)


def _outcome_of(ended: Future[Outcome], claim: Claim) -> Outcome:
    error = ended.exception()
    if error is None:
        return ended.result()
    logger.error("Delivery %s could not be sent.", claim.delivery_id, exc_info=error)
    return Outcome(error=f"failed: {type(error).__name__}")


def claims(room: int) -> Iterator[Claim]:
    """Lease up to `room` deliveries, those first that have waited longest, endpoint by endpoint.

    Those that have had all their attempts, as their senders were killed, are given up instead.
    """
    while room > 0:
        leased, given_up = _lease_of_one_endpoint(room)
        if not leased and not given_up:
            return
        yield from leased
        room -= len(leased)


@transaction.atomic
def _lease_of_one_endpoint(room: int) -> tuple[list[Claim], int]:
    """What is to be sent, and how many were given up instead.

    The endpoint is locked, so that nobody else fills it; what is flying is counted once it is.
    """
    now = timezone.now()
    endpoint = _next_endpoint(now)
    if endpoint is None:
        return [], 0
    theirs = Delivery.objects.filter(endpoint=endpoint)
    room = min(room, MOST_AT_ONCE - theirs.flying(now).count())
    due = theirs.due(now).order_by("due_at", "id").select_for_update(skip_locked=True, no_key=True)
    taken = list(due[: max(room, 0)])
    leased = [delivery for delivery in taken if delivery.attempts < len(SCHEDULE)]
    spent = [delivery for delivery in taken if delivery.attempts >= len(SCHEDULE)]
    Delivery.objects.filter(id__in=[delivery.id for delivery in leased]).update(
        attempts=F("attempts") + 1, fence=F("fence") + 1, leased_until=now + LEASE
    )
    if spent:
        give_up(spent)
    secrets = _secrets_of(endpoint, now)
    return [_claim(endpoint, delivery, secrets) for delivery in leased], len(spent)


def _next_endpoint(now: datetime) -> Endpoint | None:
    """Of the endpoints that may be called and are not called enough already, the one whose delivery waits longest."""
    theirs = Delivery.objects.filter(endpoint=OuterRef("pk")).order_by()
    flying = theirs.flying(now).values("endpoint").annotate(count=Count("id")).values("count")
    first_due = theirs.due(now).order_by("due_at").values("due_at")[:1]
    waiting = Endpoint.objects.reachable(now).annotate(
        first_due=Subquery(first_due), flying=Coalesce(Subquery(flying), 0)
    )
    found: Endpoint | None = (
        waiting.filter(first_due__isnull=False, flying__lt=MOST_AT_ONCE)
        .order_by("first_due")
        .select_for_update(skip_locked=True, no_key=True)
        .first()
    )
    return found


def _secrets_of(endpoint: Endpoint, now: datetime) -> tuple[bytes, ...]:
    """The secret, and during a rotation the former one after it, both sealed."""
    sealed = [endpoint.sealed_secret]
    if endpoint.sealed_former_secret and endpoint.former_secret_until and now < endpoint.former_secret_until:
        sealed.append(endpoint.sealed_former_secret)
    return tuple(bytes(each) for each in sealed)


def _claim(endpoint: Endpoint, delivery: Delivery, secrets: tuple[bytes, ...]) -> Claim:
    return Claim(
        delivery_id=delivery.id,
        endpoint_id=endpoint.id,
        fence=delivery.fence + 1,
        event_id=delivery.event_id,
        url=endpoint.url,
        body=delivery.body.encode(),
        sealed_secrets=secrets,
        channel=delivery.channel,
        trace_id=delivery.trace_id,
    )
