"""The outbox: what happened, written with the change itself."""

from django.db import models

from core.db.ids import uuid7


class OutboxEvent(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    version = models.PositiveSmallIntegerField()
    aggregate = models.CharField(max_length=50)
    aggregate_id = models.UUIDField()
    payload = models.JSONField()
    channel = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)
    trace_id = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "events_outbox"

    def __str__(self) -> str:
        return self.name
