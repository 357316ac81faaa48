"""What is published is written with the change, exactly and typed, and rings once it is committed."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from core import context
from core.contributions.events import DomainEvent, Published, event_types, subscriber, subscribers_of
from core.testing.jobs import CapturedJobs
from events import services
from events.models import Delivery, OutboxEvent


class Mood(StrEnum):
    GOOD = "good"


@dataclass(frozen=True)
class Price:
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class EverythingHappened(DomainEvent):
    name: ClassVar[str] = "test.everything.happened"
    version: ClassVar[int] = 2
    aggregate: ClassVar[str] = "everything"

    by: UUID
    at: datetime
    day: date
    price: Price
    mood: Mood
    note: str | None = None
    guests: tuple[UUID, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)


EVERYTHING: dict[str, Any] = {
    "aggregate_id": UUID(int=1),
    "by": UUID(int=2),
    "at": datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
    "day": date(2026, 11, 20),
    "price": Price(Decimal("12.50"), "USD"),
    "mood": Mood.GOOD,
    "guests": (UUID(int=3),),
    "labels": {"a": 1},
}


def as_published(row: OutboxEvent) -> Published:
    return Published(**{name: getattr(row, name) for name in Published.__slots__})


@pytest.mark.django_db
def test_publish__event_of_every_type__is_plain_json_and_reads_back_equal() -> None:
    event, actor = EverythingHappened(**EVERYTHING), uuid4()
    with context.scope(context.Context(channel=context.Channel.IOS, trace_id="a" * 32)):
        services.publish(event, actor_id=actor)

    row = OutboxEvent.objects.get()
    assert row.payload == {
        "by": "00000000-0000-0000-0000-000000000002",
        "at": "2026-11-20T12:30:00+00:00",
        "day": "2026-11-20",
        "price": {"amount": "12.50", "currency": "USD"},
        "mood": "good",
        "note": None,
        "guests": ["00000000-0000-0000-0000-000000000003"],
        "labels": {"a": 1},
    }
    assert (row.name, row.version, row.aggregate, row.aggregate_id, row.channel, row.actor_id, row.trace_id) == (
        "test.everything.happened",
        2,
        "everything",
        UUID(int=1),
        "mobile-ios",
        actor,
        "a" * 32,
    )
    assert as_published(row).read(EverythingHappened) == event


@pytest.mark.django_db
def test_read__as_another_event__is_refused() -> None:
    services.publish(EverythingHappened(**EVERYTHING))
    published = as_published(OutboxEvent.objects.get())

    class SomethingElse(EverythingHappened):
        name = "test.something.else"

    with pytest.raises(TypeError, match=r"test\.everything\.happened v2 is no SomethingElse"):
        published.read(SomethingElse)


@pytest.mark.django_db
def test_publish__interested_subscribers__get_a_delivery_each(subscriptions: dict[str, Any]) -> None:
    for name, wish in {"one": "test.everything.happened", "two": "test.*", "three": "*", "four": "other.*"}.items():
        subscriber(wish, name=name)(lambda event: None)

    services.publish(EverythingHappened(**EVERYTHING))

    assert subscribers_of("test.everything.happened") == ["one", "three", "two"]
    assert list(Delivery.objects.order_by("id").values_list("subscriber", "aggregate_id", "status")) == [
        (name, UUID(int=1), "pending") for name in ("one", "three", "two")
    ]


@pytest.mark.django_db(transaction=True)
def test_publish__committed__rings_the_dispatcher(subscriptions: dict[str, Any], enqueued_jobs: CapturedJobs) -> None:
    subscriber("test.*", name="one")(lambda event: None)

    with transaction.atomic():
        services.publish(EverythingHappened(**EVERYTHING))
        assert enqueued_jobs.names == []

    assert enqueued_jobs.names == ["events.dispatch"]


@pytest.mark.django_db(transaction=True)
def test_publish__rolled_back_or_unheard__rings_nobody(
    subscriptions: dict[str, Any], enqueued_jobs: CapturedJobs
) -> None:
    with transaction.atomic():
        services.publish(EverythingHappened(**EVERYTHING))
    subscriber("test.*", name="one")(lambda event: None)
    with transaction.atomic():
        services.publish(EverythingHappened(**EVERYTHING))
        transaction.set_rollback(True)

    assert enqueued_jobs.names == []
    assert OutboxEvent.objects.count() == 1
    assert Delivery.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_publish__outside_of_a_transaction__is_refused() -> None:
    with pytest.raises(AssertionError, match="belongs into the transaction"):
        services.publish(EverythingHappened(**EVERYTHING))


def test_event_types__two_classes_of_one_name_and_version__are_refused() -> None:
    with pytest.raises(ValueError, match=r"Two events are called 'test\.everything\.happened', version 2"):

        class Impostor(DomainEvent):
            name = "test.everything.happened"
            version = 2

    assert EverythingHappened in event_types()


def test_encode__value_that_could_not_be_read_back__is_refused() -> None:
    with pytest.raises(TypeError, match="An event cannot carry a object"):
        EverythingHappened(**EVERYTHING | {"labels": {"a": object()}}).payload()


def test_subscriber__name_taken_in_another_module__is_refused(subscriptions: dict[str, Any]) -> None:
    subscriber("test.*", name="one")(lambda event: None)

    def handler(event: Published) -> None: ...

    handler.__module__ = "elsewhere"
    with pytest.raises(ValueError, match="Two subscribers are called 'one'"):
        subscriber("test.*", name="one")(handler)
