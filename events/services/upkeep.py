"""Keeping the outbox and the change feed small, and its triggers in place."""

from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from events import triggers
from events.models import Change, Delivery, Feed, OutboxEvent

BATCH = 5_000  # rows deleted in one transaction


def install_feed() -> None:
    """Bring the triggers up to the declarations; runs after every `migrate`."""
    if Feed._meta.db_table not in connection.introspection.table_names():
        return
    Feed.objects.get_or_create(id=1)
    triggers.install()


def roll_up_versions() -> int:
    """Replace the increments of each collection by their sum; returns how many rows that saved.

    One statement, so that no reader sees the sum without or beside its parts. SQLite keeps sums from the start.
    """
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP)
        saved: int = cursor.fetchone()[0]
    return saved


_ROLL_UP = """
WITH parts AS (
  DELETE FROM events_increment WHERE (scope, collection) IN
    (SELECT scope, collection FROM events_increment GROUP BY scope, collection HAVING count(*) > 1)
  RETURNING scope, collection, number
), sums AS (
  INSERT INTO events_increment (scope, collection, number)
  SELECT scope, collection, sum(number) FROM parts GROUP BY scope, collection RETURNING 1
)
SELECT (SELECT count(*) FROM parts) - (SELECT count(*) FROM sums)"""


def purge_tombstones() -> int:
    """Forget deletions older than anyone may stay offline, and raise the floor below which cursors are void."""
    horizon = timezone.now() - settings.TOMBSTONE_RETENTION
    purged = 0
    while count := _purge_tombstones(Change.objects.filter(op="d", changed_at__lt=horizon)):
        purged += count
    return purged


def purge_events() -> int:
    """Delete delivered events past their retention. An event somebody still waits for, or gave up on, stays."""
    horizon = timezone.now() - settings.OUTBOX_RETENTION
    unfinished = Delivery.objects.filter(event=OuterRef("pk")).exclude(status=Delivery.Status.DONE)
    old = OutboxEvent.objects.filter(~Exists(unfinished), occurred_at__lt=horizon)
    purged = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            OutboxEvent.objects.filter(pk__in=ids).delete()
        purged += len(ids)
    return purged


def renew_epoch() -> None:
    """Void every cursor. Call it after this database was restored or copied from another one."""
    Feed.objects.update(epoch=uuid4())


@transaction.atomic
def _purge_tombstones(old: QuerySet[Change]) -> int:
    """One batch: the floor is raised in the transaction that deletes."""
    feed = Feed.objects.select_for_update().get()
    batch = list(old.order_by("xid", "seq").values_list("xid", "seq", "pk")[:BATCH])
    if not batch:
        return 0
    feed.floor_xid, feed.floor_seq = max((feed.floor_xid, feed.floor_seq), batch[-1][:2])
    feed.save(update_fields=["floor_xid", "floor_seq"])
    return old.filter(pk__in=[key for _, _, key in batch]).delete()[0]
