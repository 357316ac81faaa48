"""The base of every table of ours."""

from enum import IntEnum, StrEnum
from typing import Any

from django.db import models

from core.db.ids import uuid7


class BaseModel(models.Model):
    """Adds `id` (UUIDv7), `created_at`, `updated_at` and `rev`, the row's own version.

    `rev` grows by one with every change, under the row's lock. It alone says which of two copies of a
    row is newer; see `core.db.changes.save_changes`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    rev = models.PositiveBigIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


def choices_of(words: type[StrEnum] | type[IntEnum]) -> list[tuple[Any, str]]:
    """The choices of a column that holds the words of an enum."""
    return [(word.value, word.name.lower()) for word in words]
