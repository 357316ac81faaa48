"""One version never stands for two contents."""

from time import monotonic, sleep
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import F

from core.testing.races import race, winners
from events import selectors, services
from events.models import Increment, OutboxEvent
from tests.events.facts import new_fact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tracked_facts")]
on_postgres = pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"],
    reason="SQLite keeps one row per version, and lets one connection write",
)


class Reading(NamedTuple):
    """What a reader saw; stable where the version was the same before and after."""

    version: str
    content: int
    is_stable: bool


def version(*scopes: str) -> str:
    return selectors.version_of(scopes=scopes, collections=["facts"])


def test_version_of__nothing_ever_written__is_zero() -> None:
    assert version(f"u:{uuid4()}") == "0"


def test_version_of__any_write__changes_it_in_the_scopes_touched_only() -> None:
    mine, other = f"u:{uuid4()}", f"u:{uuid4()}"
    fact = new_fact(actor_id=mine[2:])
    seen = [version(mine)]

    fact.save()
    seen.append(version(mine))
    OutboxEvent.objects.filter(pk=fact.pk).update(name="test.other")
    seen.append(version(mine))
    assert version(other) == "0"
    OutboxEvent.objects.filter(pk=fact.pk).update(actor_id=other[2:])
    seen.append(version(mine))
    OutboxEvent.objects.filter(pk=fact.pk).delete()

    assert len(set(seen)) == 4
    assert version(mine) == seen[-1]
    assert version(other) != "0"
    assert version(mine, other) not in {version(mine), version(other)}


def test_version_of__any_number_of_scopes__costs_one_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        selectors.version_of(scopes=[f"u:{uuid4()}", "all"], collections=["facts", "notes"])


@on_postgres
def test_roll_up_versions__many_increments__keeps_the_sum_in_one_row() -> None:
    actor = uuid4()
    for _ in range(5):
        new_fact(actor_id=actor).save()
    before = version(f"u:{actor}")

    saved = services.roll_up_versions()

    assert saved >= 4
    assert version(f"u:{actor}") == before
    assert Increment.objects.filter(scope=f"u:{actor}").count() == 1
    assert services.roll_up_versions() == 0


@on_postgres
def test_feed__writers_touch_two_scopes_in_opposite_order__do_not_wait_for_each_other() -> None:
    one, two = uuid4(), uuid4()

    def write(*actors: UUID) -> None:
        for _ in range(20):
            with transaction.atomic():
                for actor in actors:
                    new_fact(actor_id=actor).save()
                    sleep(0.001)

    results = race(lambda: write(one, two), lambda: write(two, one), lambda: write(one, two))

    assert results == [None, None, None]
    assert OutboxEvent.objects.filter(actor_id=one).count() == 60


@on_postgres
@pytest.mark.slow
def test_version_of__read_before_the_rows_while_others_write__never_stands_for_older_rows() -> None:
    actor = uuid4()
    fact = new_fact(actor_id=actor)
    fact.save()
    scope, until = f"u:{actor}", monotonic() + 2.0

    def write() -> list[Reading]:
        while monotonic() < until:
            OutboxEvent.objects.filter(pk=fact.pk).update(version=F("version") + 1)
        return []

    def roll_up() -> list[Reading]:
        while monotonic() < until:
            services.roll_up_versions()
        return []

    def read() -> list[Reading]:
        readings = []
        while monotonic() < until:
            before = version(scope)
            content = OutboxEvent.objects.values_list("version", flat=True).get(pk=fact.pk)
            readings.append(Reading(before, content, is_stable=version(scope) == before))
        return readings

    results = race(write, write, read, read, read, roll_up)

    readings = [reading for result in winners(results) for reading in result]
    stable = {(reading.version, reading.content) for reading in readings if reading.is_stable}
    content_of = dict(stable)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert len(stable) > 20
    assert len(content_of) == len(stable)
    assert all(reading.content >= content_of.get(reading.version, 0) for reading in readings)
