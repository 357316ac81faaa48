"""Paging through the feed: nothing is lost or early, whatever commits when."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import override_settings

from core.testing.horizon import wait_for_horizon
from core.testing.races import race
from events import selectors, services
from events.models import Change, OutboxEvent
from events.types import START, ChangePage, Position
from tests.events.facts import new_fact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tracked_facts")]
on_postgres = pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="SQLite has one writer, so nothing interleaves"
)


def read(position: Position, scope: str, **options: Any) -> ChangePage:
    with selectors.snapshot() as now:
        return selectors.changes_since(now, position, scopes=[scope], **options)


def ids(page: ChangePage) -> list[UUID]:
    return [change.row_id for change in page.changes]


@contextmanager
def open_transaction() -> Iterator[Any]:
    """A second connection's transaction, committed at the end of the block."""
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        yield other
        other.commit()
    finally:
        other.close()


def insert(other: Any, fact: OutboxEvent) -> None:
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_outbox (id, name, version, aggregate, aggregate_id, payload, channel, actor_id,"
            " trace_id, occurred_at) VALUES (%s, 'test.fact', 1, 'test', %s, '{}', 'system', %s, '', now())",
            [fact.pk, fact.aggregate_id, fact.actor_id],
        )


def test_changes_since__pages__come_in_order_and_end_where_new_ones_begin() -> None:
    actor = uuid4()
    facts = [new_fact(actor_id=actor) for _ in range(5)]
    for fact in facts:
        fact.save()
    wait_for_horizon()
    scope = f"u:{actor}"

    first = read(START, scope, limit=2)
    second = read(first.position, scope, limit=2)
    third = read(second.position, scope, limit=2)

    assert ids(first) + ids(second) + ids(third) == [fact.pk for fact in facts]
    assert [page.more for page in (first, second, third)] == [True, True, False]
    assert read(third.position, scope).changes == ()

    second_fact = facts[1].pk
    facts[1].delete()
    wait_for_horizon()
    fourth = read(third.position, scope)
    assert [(change.row_id, change.is_delete, change.scope) for change in fourth.changes] == [
        (second_fact, True, scope)
    ]


def test_changes_since__other_scopes_and_collections__are_left_out() -> None:
    mine, other = new_fact(actor_id=uuid4()), new_fact(actor_id=uuid4())
    OutboxEvent.objects.bulk_create([mine, other])
    wait_for_horizon()

    with selectors.snapshot() as now:
        page = selectors.changes_since(now, START, scopes=[f"u:{mine.actor_id}", "all"], collections=["facts"])

    assert [(change.collection, change.row_id) for change in page.changes] == [("facts", mine.pk)]


@on_postgres
def test_changes_since__earlier_transaction_commits_later__both_are_delivered() -> None:
    actor = uuid4()
    late, early = new_fact(actor_id=actor), new_fact(actor_id=actor)
    with open_transaction() as other:
        insert(other, late)
        early.save()
        between = read(START, f"u:{actor}")
        assert (between.changes, between.pending) == ((), True)
    wait_for_horizon()

    after = read(between.position, f"u:{actor}")

    assert set(ids(after)) == {late.pk, early.pk}
    assert after.pending is False


@on_postgres
def test_changes_since__stamp_of_a_row_goes_backwards__its_change_is_delivered() -> None:
    actor = uuid4()
    fact = new_fact(actor_id=actor)
    fact.save()
    wait_for_horizon()
    seen = read(START, f"u:{actor}").position
    with open_transaction() as other:
        insert(other, new_fact())  # draws the older transaction id
        OutboxEvent.objects.filter(pk=fact.pk).update(name="test.second")
        newer = Change.objects.get(scope=f"u:{actor}").xid
        with other.cursor() as cursor:
            cursor.execute("UPDATE events_outbox SET name = 'test.third' WHERE id = %s", [fact.pk])
        middle = read(seen, f"u:{actor}")
        assert middle.changes == ()
    wait_for_horizon()

    after = read(middle.position, f"u:{actor}")

    assert ids(after) == [fact.pk]
    assert after.changes[0].position.xid < newer


@on_postgres
def test_changes_since__write_inside_a_savepoint__is_stamped_with_the_outer_transaction() -> None:
    actor = uuid4()
    with transaction.atomic():
        new_fact().save()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            outer = cursor.fetchone()[0]
        with transaction.atomic():
            new_fact(actor_id=actor).save()

    assert Change.objects.get(scope=f"u:{actor}").xid == outer


@on_postgres
def test_snapshot__row_committed_meanwhile__is_neither_read_nor_skipped() -> None:
    actor = uuid4()
    fact = new_fact(actor_id=actor)
    with selectors.snapshot() as now:
        with open_transaction() as other:
            insert(other, fact)
        page = selectors.changes_since(now, START, scopes=[f"u:{actor}"])
        assert OutboxEvent.objects.filter(pk=fact.pk).exists() is False
    assert page.changes == ()
    wait_for_horizon()

    assert ids(read(page.position, f"u:{actor}")) == [fact.pk]


@on_postgres
@pytest.mark.slow
def test_changes_since__sixteen_writers_and_one_reader__loses_nothing() -> None:
    actor = uuid4()
    done, seen, position = Event(), set(), START

    def write() -> set[UUID]:
        committed = set()
        for _ in range(60):
            fact = new_fact(actor_id=actor)
            with transaction.atomic():
                fact.save()
                sleep(random.uniform(0, 0.004))
                failed = random.random() < 0.05
                transaction.set_rollback(failed)
            if not failed:
                committed.add(fact.pk)
        return committed

    def poll() -> set[UUID]:
        nonlocal position
        while not done.is_set():
            page = read(position, f"u:{actor}", limit=50)
            seen.update(ids(page))
            position = page.position
        return set()

    reader = Thread(target=race, args=(poll,))
    reader.start()
    results = race(*[write] * 16)
    done.set()
    reader.join()
    wait_for_horizon()
    while (page := read(position, f"u:{actor}", limit=50)).changes:
        seen.update(ids(page))
        position = page.position

    committed = {row_id for result in results if isinstance(result, set) for row_id in result}
    assert len(committed) > 800
    assert seen == committed


def test_purge_tombstones__past_retention__forgets_them_and_raises_the_floor() -> None:
    kept, gone = new_fact(actor_id=uuid4()), new_fact(actor_id=uuid4())
    OutboxEvent.objects.bulk_create([kept, gone])
    OutboxEvent.objects.filter(pk=gone.pk).delete()
    tombstone = Change.objects.get(scope=f"u:{gone.actor_id}")

    services.purge_tombstones()
    assert Change.objects.filter(scope=f"u:{gone.actor_id}").exists()

    with override_settings(TOMBSTONE_RETENTION=-settings.TOMBSTONE_RETENTION):
        services.purge_tombstones()

    assert not Change.objects.filter(op="d").exists()
    assert Change.objects.filter(scope=f"u:{kept.actor_id}").exists()
    assert selectors.feed_state().floor >= Position(tombstone.xid, tombstone.seq)


def test_renew_epoch__after_a_restore__names_another_history() -> None:
    before = selectors.feed_state()

    services.renew_epoch()

    after = selectors.feed_state()
    assert after.epoch != before.epoch
    assert after.floor == before.floor
