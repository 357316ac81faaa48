"""Carrying out what a declaration says of erasure, for one collection and one person, in batches."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from core.contributions.privacy import Anonymise, Delete, Erasure, Goes, Perform, Personal, Retain

BATCH = 500
Note = Callable[[int], None]  # takes a number of rows


def in_order(declared: Iterable[Personal]) -> list[Personal]:
    """From the top floor down, and within an app as it declares: what refers to a row goes before that row."""
    floors: dict[str, list[Personal]] = {}
    for personal in declared:
        floors.setdefault(personal.app, []).append(personal)
    return [personal for floor in reversed(floors.values()) for personal in floor]


def shred(personal: Personal, user_id: UUID, note: Note = lambda rows: None) -> int:
    """Erase what one collection holds of a person; how many rows were dealt with. Safe to run again.

    `note` is told the number as it grows: of rows that go, each batch's in the transaction that deletes it; of rows
    that stay (`stays`), which are counted again each time, how many there are.

    Raises:
        NotYet: work in progress has to end first.
    """
    match personal.erase:
        case Delete():
            return remove(personal, of(personal, user_id), note)
        case Anonymise(values):
            return _overwrite_all(personal, user_id, values, note)
        case Perform(run):
            rows = run(user_id)
        case Retain():
            rows = of(personal, user_id).count()
        case Goes():
            rows = 0
    note(rows)
    return rows


def stays(erase: Erasure) -> bool:
    """Whether erasure leaves rows there, changed or not."""
    match erase:
        case Delete():
            return False
        case Perform(_, kept):
            return bool(kept)
        case _:
            return True


def of(personal: Personal, user_id: UUID) -> QuerySet[Any]:
    """The rows of one person."""
    rows: QuerySet[Any] = personal.model._base_manager.filter(personal.of(user_id))
    is_joined = len(rows.query.alias_map) > 1  # then a row may come twice
    return personal.model._base_manager.filter(pk__in=rows.values("pk")) if is_joined else rows


def rows_of(personal: Personal, user_id: UUID) -> Iterator[Any]:
    """The rows of one person, batch after batch, by their keys: no statement or cursor lives long."""
    for batch in batches(of(personal, user_id)):
        yield from batch


def batches(rows: QuerySet[Any], size: int = BATCH) -> Iterator[list[Any]]:
    rows = rows.order_by("pk")
    batch = list(rows[:size])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:size])


def remove(personal: Personal, rows: QuerySet[Any], note: Note = lambda rows: None) -> int:
    """Delete rows of a collection, and the files that belong to them; how many this call has deleted."""
    total, manager = 0, personal.model._base_manager
    while batch := list(rows.order_by("pk")[:BATCH]):
        _delete_files(personal.files, batch)
        with transaction.atomic():
            _, deleted = manager.filter(pk__in=[row.pk for row in batch]).delete()
            count = deleted.get(personal.model._meta.label, 0)  # some may have gone another way
            note(count)
        total += count
    return total


def _delete_files(files: Callable[[Any], Iterable[Any]] | None, batch: Iterable[Any]) -> None:
    """Before their rows, so that a crash leaves no file without one."""
    if files is None:
        return
    for row in batch:
        for file in files(row):
            storages[file.storage].delete(file.name)


def _overwrite_all(personal: Personal, user_id: UUID, values: Mapping[str, Any], note: Note) -> int:
    total = 0
    for batch in batches(of(personal, user_id)):
        for row in batch:
            _overwrite(row, values)
        total += len(batch)
        note(total)
    return total


def _overwrite(row: Model, values: Mapping[str, Any]) -> None:
    wanted = {name: value(row) if callable(value) else value for name, value in values.items()}
    changes = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if not changes:  # overwritten before
        return
    names = {field.name for field in row._meta.concrete_fields}
    if "rev" in names:
        changes |= {"rev": F("rev") + 1, "updated_at": timezone.now()}
    type(row)._base_manager.filter(pk=row.pk).update(**changes)
