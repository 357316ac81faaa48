"""Changing one row: lock it, change it, write what changed and count its `rev` up."""

from typing import Any, TypeVar

from django.db import models

from core.db.instances import fetch_first, update
from core.db.models import BaseModel
from core.errors import NotFound, PreconditionFailed

M = TypeVar("M", bound=models.Model)
B = TypeVar("B", bound=BaseModel)


def lock(queryset: models.QuerySet[M], *, expected_version: int | None = None, **lookup: Any) -> M:
    """Read one row and hold its lock until the transaction ends. `queryset` joins no other table.

    `expected_version` is the `rev` that the caller has seen, checked while nobody else can change it.
    SQLite has no row locks; there the write transaction itself is exclusive.

    Raises:
        NotFound: no such row in `queryset`.
        PreconditionFailed: the row is not at `expected_version`.
    """
    row = fetch_first(queryset.select_for_update(no_key=True).filter(**lookup))
    if row is None:
        raise NotFound
    if expected_version is not None and expected_version != getattr(row, "rev", None):
        raise PreconditionFailed
    return row


def save_changes(row: B, **changes: Any) -> B:
    """Write `changes` to a locked row and raise its `rev`; without a difference nothing is written."""
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, changes[name])
    row.rev += 1
    return update(row, *changed, "rev", "updated_at")
