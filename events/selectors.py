"""Reading what happened and what changed.

PostgreSQL draws sequence numbers before transactions commit, so a cursor on a sequence or a clock skips what commits
late. The feed is therefore ordered by transaction id, and handed out only below the horizon: the oldest transaction
that still runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from core.db.versions import DataVersion
from events import triggers
from events.models import Delivery, Feed, OutboxEvent
from events.types import ChangePage, FeedState, Position, RowChange, SubscriberLoad

_NO_HORIZON = 2**63 - 1
_VERSION = "SELECT sum(number) FROM events_increment WHERE {}"
_UNSAFE = "SELECT 1 FROM events_change WHERE {} AND xid >= %s LIMIT 1"
_PAGE = """
SELECT scope, collection, row_id, xid, seq, op FROM events_change
WHERE {} AND (xid, seq) > (%s, %s) AND xid < %s ORDER BY xid, seq LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent view of the database. All changes of transactions below `horizon` are in it."""

    horizon: int
    last_seq: int


def data_version(*, scopes: Sequence[str], collections: Sequence[str]) -> DataVersion:
    """What differs whenever a row of `collections` in `scopes` has changed. One query, or part of one.

    Scopes are written as the feed writes them, such as `u:<uuid>`, or `all`.
    """
    where, values = _among(scopes, collections)
    return DataVersion(_VERSION.format(where), values)


def version_of(*, scopes: Sequence[str], collections: Sequence[str]) -> str:
    """The same as an opaque token. One query; ask *before* reading the rows it stands for."""
    return data_version(scopes=scopes, collections=collections).read()


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Read changes and the rows they hint at as of one moment. Opens its own transaction, which cannot write."""
    assert not connection.in_atomic_block, "A snapshot is taken outside of transactions."
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield Snapshot(_postgres_horizon(), 0)
    else:
        with _sqlite_reading() as last_seq:
            yield Snapshot(_NO_HORIZON, last_seq)


def changes_since(
    now: Snapshot, position: Position, *, scopes: Sequence[str], collections: Sequence[str] = (), limit: int = 500
) -> ChangePage:
    """One page of what changed in `scopes` after `position`, in the feed's order. Call it inside `snapshot()`."""
    where, values = _among(scopes, collections)
    rows = _rows(
        _PAGE.format(where),
        [*values, position.xid, position.seq, now.horizon, limit + 1],
    )
    changes = tuple(_row_change(row) for row in rows[:limit])
    if len(rows) > limit:
        return ChangePage(changes, changes[-1].position, more=True, pending=False)
    unsafe = _rows(_UNSAFE.format(where), [*values, now.horizon])
    return ChangePage(changes, max(position, _end(now)), more=False, pending=bool(unsafe))


def feed_state() -> FeedState:
    feed = Feed.objects.get()
    return FeedState(feed.epoch, Position(feed.floor_xid, feed.floor_seq))


def horizon_lag_seconds() -> float:
    """The age of the oldest writer on PostgreSQL: how long a change may stay `pending`. Zero on SQLite."""
    if connection.vendor != "postgresql":
        return 0.0
    oldest = _rows(
        "SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0) FROM pg_stat_activity"
        " WHERE backend_xid IS NOT NULL",
        [],
    )
    return float(oldest[0][0])


def missing_triggers() -> list[str]:
    """Names of triggers that the declarations ask for and the database lacks; run `migrate` to create them."""
    return sorted({trigger.name for trigger in triggers.wanted()} - triggers.installed().keys())


def pending_deliveries() -> int:
    return Delivery.objects.filter(status=Delivery.Status.PENDING).count()


def dead_deliveries() -> int:
    """Deliveries that were given up; `manage.py replay_events` gives them another try."""
    return Delivery.objects.filter(status=Delivery.Status.DEAD).count()


def outbox_lag_seconds() -> float:
    """The age of the oldest event that somebody still waits for; zero when nobody does."""
    pending = Delivery.objects.filter(status=Delivery.Status.PENDING)
    oldest = pending.aggregate(oldest=Min("event__occurred_at"))["oldest"]
    return max((timezone.now() - oldest).total_seconds(), 0.0) if oldest else 0.0


def subscriber_loads() -> list[SubscriberLoad]:
    """What waits and what was given up, per subscriber that has any of either."""
    unfinished = Delivery.objects.exclude(status=Delivery.Status.DONE).values_list("subscriber")
    counts = unfinished.annotate(
        pending=Count("id", filter=Q(status=Delivery.Status.PENDING)),
        dead=Count("id", filter=Q(status=Delivery.Status.DEAD)),
    )
    return [SubscriberLoad(*count) for count in counts.order_by("subscriber")]


def list_events(aggregate_id: UUID) -> QuerySet[OutboxEvent]:
    """What happened to one aggregate, oldest first, as far back as the outbox is kept."""
    return OutboxEvent.objects.filter(aggregate_id=aggregate_id).order_by("occurred_at", "id")


def _among(scopes: Sequence[str], collections: Sequence[str]) -> tuple[str, list[str]]:
    where = [f"{column} IN ({', '.join(['%s'] * len(values))})" for column, values in _given(scopes, collections)]
    return " AND ".join(where), [*scopes, *collections]


def _given(scopes: Sequence[str], collections: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    assert scopes, "Name at least one scope."
    return [("scope", scopes), *([("collection", collections)] if collections else [])]


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _row_change(row: tuple[Any, ...]) -> RowChange:
    scope, collection, row_id, xid, seq, op = row
    return RowChange(Position(xid, seq), scope, collection, UUID(str(row_id)), op == "d")


def _end(now: Snapshot) -> Position:
    """Where the feed ends in this snapshot; a quiet reader moves here too, and never falls below the floor."""
    return Position(0, now.last_seq) if now.horizon == _NO_HORIZON else Position(now.horizon, 0)


def _postgres_horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


@contextmanager
def _sqlite_reading() -> Iterator[int]:
    """A read transaction; Django's own would take the write lock. The first read fixes the view."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            cursor.execute("SELECT last_seq FROM events_feed")
            row = cursor.fetchone()
            yield row[0] if row else 0
        finally:
            cursor.execute("ROLLBACK")
