"""Core's only table: the answers that an `Idempotency-Key` replays."""

from typing import ClassVar

from django.db import models


class IdempotencyRecord(models.Model):
    """What one caller was answered under one key, sealed, written in the transaction of the effect."""

    user_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "core_idempotency_record"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user_id", "key"], name="idempotency_key_per_user")
        ]

    def __str__(self) -> str:
        return self.key
