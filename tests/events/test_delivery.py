"""Deliveries: in order, at least once, their database effects once, and one failure stops nobody else."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import sleep
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core import context
from core.contributions.events import DomainEvent, Published, subscriber
from core.testing.jobs import CapturedJobs
from core.testing.races import race
from events import selectors, services
from events.models import Delivery, OutboxEvent
from events.services import delivery as delivering
from events.types import SubscriberLoad
from tests.events.facts import new_fact

on_postgres = pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="several processes write at once"
)


@dataclass(frozen=True, kw_only=True)
class Counted(DomainEvent):
    name: ClassVar[str] = "test.counted"
    aggregate: ClassVar[str] = "counter"

    number: int


def publish(aggregate_id: UUID, *numbers: int) -> None:
    for number in numbers:
        with transaction.atomic():
            services.publish(Counted(aggregate_id=aggregate_id, number=number))


def make_due() -> None:
    Delivery.objects.filter(status="pending").update(due_at=timezone.now())


def failing_on(*numbers: int, into: list[int]) -> Callable[[Published], None]:
    def handle(event: Published) -> None:
        if event.payload["number"] in numbers:
            raise RuntimeError(f"cannot count {event.payload['number']}")
        into.append(event.payload["number"])

    return handle


@pytest.mark.django_db
def test_dispatch__events_of_one_aggregate__arrive_in_order_under_their_context(
    subscriptions: dict[str, Any],
) -> None:
    seen: list[Any] = []

    @subscriber("test.counted", name="test.order")
    def handle(event: Published) -> None:
        now = context.current()
        seen.append((event.read(Counted).number, now.channel, now.trace_id, now.user_id))

    actor, counter = uuid4(), uuid4()
    with context.scope(context.Context(channel=context.Channel.ANDROID, trace_id="b" * 32)):
        for number in range(3):
            services.publish(Counted(aggregate_id=counter, number=number), actor_id=actor)

    assert services.dispatch() == 3
    assert seen == [(number, "mobile-android", "b" * 32, str(actor)) for number in range(3)]
    assert set(Delivery.objects.values_list("status", "attempts")) == {("done", 1)}
    assert services.dispatch() == 0


@pytest.mark.django_db
def test_dispatch__handler_fails__rolls_its_writes_back_and_tries_later(subscriptions: dict[str, Any]) -> None:
    fact = new_fact()

    @subscriber("test.counted", name="test.write_and_fail")
    def handle(event: Published) -> None:
        fact.save()
        raise RuntimeError("boom")

    publish(uuid4(), 1)
    before = timezone.now()
    services.dispatch()

    waiting = Delivery.objects.get()
    assert not OutboxEvent.objects.filter(pk=fact.pk).exists()
    assert (waiting.status, waiting.attempts, waiting.error) == ("pending", 1, "RuntimeError: boom")
    assert timedelta(seconds=1.5) <= waiting.due_at - before < timedelta(seconds=4)
    assert services.dispatch() == 0


@pytest.mark.django_db
def test_dispatch__handler_breaks_the_database_transaction__is_put_off_like_any_other(
    subscriptions: dict[str, Any],
) -> None:
    @subscriber("test.counted", name="test.integrity")
    def handle(event: Published) -> None:
        OutboxEvent.objects.create(pk=event.id, name="again", version=1, aggregate_id=event.id)

    publish(uuid4(), 1)
    services.dispatch()

    waiting = Delivery.objects.get()
    assert (waiting.status, waiting.attempts) == ("pending", 1)
    assert waiting.error.startswith(IntegrityError.__name__)


@pytest.mark.django_db
def test_dispatch__one_aggregate_fails__blocks_neither_others_nor_other_subscribers(
    subscriptions: dict[str, Any],
) -> None:
    failing: list[int] = []
    healthy: list[int] = []
    subscriber("test.counted", name="test.failing")(failing_on(1, into=failing))
    subscriber("test.counted", name="test.healthy")(failing_on(into=healthy))
    bad, good = uuid4(), uuid4()

    publish(bad, 1, 2)
    publish(good, 3, 4)
    services.dispatch()

    assert sorted(failing) == [3, 4]
    assert sorted(healthy) == [1, 2, 3, 4]
    assert selectors.subscriber_loads() == [SubscriberLoad("test.failing", pending=2, dead=0)]
    assert selectors.pending_deliveries() == 2
    assert selectors.outbox_lag_seconds() > 0


@pytest.mark.django_db
def test_dispatch__poison__is_parked_with_its_error_lets_others_pass_and_can_be_replayed(
    subscriptions: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MAX_ATTEMPTS", 2)
    seen: list[int] = []
    poison = [1]

    @subscriber("test.counted", name="test.poison")
    def handle(event: Published) -> None:
        failing_on(*poison, into=seen)(event)

    publish(uuid4(), 1, 2)

    services.dispatch()
    make_due()
    services.dispatch()
    parked = Delivery.objects.get(status="dead")

    assert (parked.attempts, parked.error) == (2, "RuntimeError: cannot count 1")
    assert parked.finished_at is not None
    assert seen == [2]
    assert selectors.dead_deliveries() == 1

    poison.clear()
    assert services.replay(deliveries=Delivery.objects.all()) == 1
    services.dispatch()
    assert seen == [2, 1]
    assert selectors.dead_deliveries() == 0


@pytest.mark.django_db
def test_dispatch__subscriber_unknown_to_this_release__is_left_to_those_who_know_it(
    subscriptions: dict[str, Any],
) -> None:
    subscriber("test.counted", name="test.newer")(lambda event: None)
    publish(uuid4(), 1)
    subscriptions.clear()

    assert services.dispatch() == 0
    assert Delivery.objects.get().status == "pending"


@pytest.mark.django_db
def test_dispatch__claimed_but_never_finished__comes_due_when_the_lease_ends(subscriptions: dict[str, Any]) -> None:
    seen: list[int] = []
    subscriber("test.counted", name="test.lease")(failing_on(into=seen))
    publish(uuid4(), 1, 2)
    claimed = delivering._claim()
    assert [claim.event.payload["number"] for claim in claimed] == [1]

    assert services.dispatch() == 0
    make_due()
    services.dispatch()
    delivering._deliver(claimed[0])

    assert seen == [1, 2]


@pytest.mark.django_db
def test_dispatch__claimed_again_by_somebody_else__late_comer_leaves_it_alone(subscriptions: dict[str, Any]) -> None:
    seen: list[int] = []
    subscriber("test.counted", name="test.fence")(failing_on(into=seen))
    publish(uuid4(), 1)
    late = delivering._claim()
    make_due()
    current = delivering._claim()

    delivering._deliver(late[0])
    assert seen == []

    delivering._deliver(current[0])
    assert seen == [1]


@pytest.mark.django_db(transaction=True)
def test_dispatch__doorbell_lost__sweeper_finds_the_event(
    subscriptions: dict[str, Any], enqueued_jobs: CapturedJobs
) -> None:
    seen: list[int] = []
    subscriber("test.counted", name="test.sweep")(failing_on(into=seen))
    publish(uuid4(), 1)
    enqueued_jobs.calls.clear()

    enqueued_jobs.calls.append(("events.dispatch", ()))
    enqueued_jobs.run()

    assert seen == [1]


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_dispatch__two_dispatchers__deliver_each_event_once_and_in_order(subscriptions: dict[str, Any]) -> None:
    seen: list[tuple[UUID, int]] = []

    @subscriber("test.counted", name="test.parallel")
    def handle(event: Published) -> None:
        sleep(0.001)
        seen.append((event.aggregate_id, event.payload["number"]))

    counters = [uuid4() for _ in range(8)]
    for number in range(6):
        for counter in counters:
            publish(counter, number)

    results = race(services.dispatch, services.dispatch, services.dispatch)

    assert [result for result in results if isinstance(result, Exception)] == []
    services.dispatch()
    assert {counter: [n for c, n in seen if c == counter] for counter in counters} == {
        counter: list(range(6)) for counter in counters
    }


@on_postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["claimed", "handled"])
def test_dispatch__process_killed__effect_happens_exactly_once(moment: str, subscriptions: dict[str, Any]) -> None:
    """A real process is killed with SIGKILL: after its claim, or inside the handler after its writes."""

    @subscriber("test.counted", name="test.killed")
    def handle(event: Published) -> None:
        new_fact(name="test.effect", aggregate_id=event.aggregate_id).save()

    counter = uuid4()
    publish(counter, 1, 2)
    child = subprocess.run(
        [sys.executable, "-m", "tests.events.killed_dispatcher", moment],
        env=os.environ | {"DATABASE_URL": database_url()},
        check=False,
    )

    assert child.returncode == -signal.SIGKILL
    assert OutboxEvent.objects.filter(name="test.effect").count() == 0
    assert list(Delivery.objects.order_by("id").values_list("status", "attempts")) == [("pending", 1), ("pending", 0)]
    assert services.dispatch() == 0

    make_due()
    services.dispatch()
    assert OutboxEvent.objects.filter(name="test.effect", aggregate_id=counter).count() == 2
    assert list(Delivery.objects.order_by("id").values_list("status", "attempts")) == [("done", 2), ("done", 1)]


def database_url() -> str:
    """The test database, for a process of its own."""
    values = connection.settings_dict
    return f"postgres://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


@pytest.mark.django_db
def test_purge_events__past_retention__keeps_what_somebody_waits_for(subscriptions: dict[str, Any]) -> None:
    seen: list[int] = []
    subscriber("test.counted", name="test.purge")(failing_on(2, into=seen))
    done, failing = uuid4(), uuid4()
    publish(done, 1)
    publish(failing, 2)
    services.dispatch()
    publish(done, 3)
    OutboxEvent.objects.filter(payload__number__lt=3).update(occurred_at=timezone.now() - timedelta(days=31))
    Delivery.objects.filter(event__payload__number=3).update(status="done")

    assert services.purge_events() == 1
    assert sorted(OutboxEvent.objects.values_list("payload__number", flat=True)) == [2, 3]
    assert [event.payload["number"] for event in selectors.list_events(done)] == [3]


@pytest.mark.django_db(transaction=True)
def test_dispatch__slow_subscriber__runs_outside_of_transactions_and_is_tried_again(
    subscriptions: dict[str, Any],
) -> None:
    seen: list[tuple[int, bool]] = []

    @subscriber("test.counted", name="test.slow", is_slow=True)
    def handle(event: Published) -> None:
        seen.append((event.read(Counted).number, connection.in_atomic_block))
        if len(seen) == 1:
            raise ConnectionError("nobody answers")

    publish(uuid4(), 1)
    assert services.dispatch() == 1
    assert list(Delivery.objects.values_list("status", "attempts", "error")) == [
        ("pending", 1, "ConnectionError: nobody answers")
    ]
    make_due()

    assert services.dispatch() == 1
    assert seen == [(1, False), (1, False)]
    assert list(Delivery.objects.values_list("status", "attempts")) == [("done", 2)]


@pytest.mark.django_db(transaction=True)
def test_dispatch__slow_subscriber_outlives_its_lease__leaves_the_delivery_to_the_next_claim(
    subscriptions: dict[str, Any],
) -> None:
    @subscriber("test.counted", name="test.slow", is_slow=True)
    def handle(event: Published) -> None:
        Delivery.objects.update(attempts=2)  # somebody else has claimed it since

    publish(uuid4(), 1)
    services.dispatch()

    assert list(Delivery.objects.values_list("status", "attempts")) == [("pending", 2)]
