"""The tables of the outbox (what happened) and of the change feed (what changed)."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from core.db.ids import uuid7


class OutboxEvent(models.Model):
    """A domain event, written in the transaction of the change it tells of."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    version = models.PositiveSmallIntegerField()
    aggregate = models.CharField(max_length=50)
    aggregate_id = models.UUIDField()
    payload = models.JSONField()
    channel = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True, blank=True)
    trace_id = models.CharField(max_length=32)
    occurred_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "events_outbox"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["aggregate_id", "occurred_at"], name="events_outbox_aggregate"),
            models.Index(fields=["occurred_at"], name="events_outbox_occurred"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Delivery(models.Model):
    """One event on its way to one subscriber. `id` gives the order.

    `due_at` is also the lease: whoever claims a delivery moves it past the lease, and counts `attempts` up,
    which serves as the fencing token.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=100)
    aggregate_id = models.UUIDField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "events_delivery"
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="events_delivery_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at", "id"], name="events_delivery_due", condition=Q(status="pending")),
            models.Index(
                fields=["subscriber", "aggregate_id", "id"],
                name="events_delivery_order",
                condition=Q(status="pending"),
            ),
            models.Index(fields=["id"], name="events_delivery_dead", condition=Q(status="dead")),
            models.Index(fields=["event"], name="events_delivery_open", condition=~Q(status="done")),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.subscriber}"


class Change(models.Model):
    """The last change of one row in one scope; written by triggers alone.

    `(xid, seq)` orders the feed: the 64-bit id of the writing transaction (0 on SQLite) and a sequence.
    `op` is `p` (put) or `d` (deleted, or moved out of this scope).
    """

    pk = models.CompositePrimaryKey("scope", "collection", "row_id")
    scope = models.CharField(max_length=80)
    collection = models.CharField(max_length=60)
    row_id = models.UUIDField()
    xid = models.BigIntegerField()
    seq = models.BigIntegerField()
    op = models.CharField(max_length=1)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "events_change"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["scope", "xid", "seq"], name="events_change_order"),
            models.Index(fields=["changed_at"], name="events_change_tombstones", condition=Q(op="d")),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.collection} {self.row_id} in {self.scope}"


class Increment(models.Model):
    """What a write added to the version of a collection in a scope; the version is the sum.

    Increments are random, so that a replica, or a database restored from a backup, cannot arrive at a version
    that a client knows with other rows behind it.
    """

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=80)
    collection = models.CharField(max_length=60)
    number = models.BigIntegerField()

    class Meta:
        db_table = "events_increment"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["scope", "collection", "number"], name="events_increment_sum"),
        ]

    def __str__(self) -> str:
        return f"{self.collection} in {self.scope}: +{self.number}"


class Feed(models.Model):
    """The feed itself, one row.

    `epoch` names this history of the database and is renewed after a restore. Tombstones up to `floor_*` are
    purged, so a cursor below has missed deletions. `last_seq` is SQLite's sequence; PostgreSQL has a real one.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    epoch = models.UUIDField(default=uuid4)
    floor_xid = models.BigIntegerField(db_default=0)
    floor_seq = models.BigIntegerField(db_default=0)
    last_seq = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "events_feed"

    def __str__(self) -> str:
        return str(self.epoch)
