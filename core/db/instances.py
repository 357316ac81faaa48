"""Reading many whole rows as model instances, and writing one new row, past the costs of Django's general ways."""

from functools import lru_cache
from typing import Any, TypeVar

from django.db import connections, models, router
from django.db.models.base import ModelState

from core.db.binary import fetch_rows

M = TypeVar("M", bound=models.Model)


def fetch_instances(queryset: models.QuerySet[M]) -> list[M]:
    """The rows of a query set as instances, for a third of the time that iterating takes.

    Each is filled as `Model.from_db` would, without asking every field and signal. For models without signals.
    """
    model = queryset.model
    names = [field.attname for field in model._meta.concrete_fields]
    found = []
    for row in fetch_rows(queryset, names):
        instance = model.__new__(model)
        instance.__dict__.update(zip(names, row, strict=True))
        instance._state = ModelState()
        instance._state.adding, instance._state.db = False, queryset.db
        found.append(instance)
    return found


def fetch_first(queryset: models.QuerySet[M]) -> M | None:
    """The first row of a query set, as it is ordered."""
    return next(iter(fetch_instances(queryset[:1])), None)


def insert(row: M) -> M:
    """Write a new row whose key is known, as `save(force_insert=True)` does, for a third of the time.

    The statement is written once for each model. For models without signals, parents and values that only the
    database can give.
    """
    using = router.db_for_write(type(row), instance=row)
    connection: Any = connections[using]
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _fields(type(row))]
    with connection.binary_cursor() if connection.vendor == "postgresql" else connection.cursor() as cursor:
        cursor.execute(_statement(type(row), using), values)
    row._state.adding, row._state.db = False, using
    return row


@lru_cache(maxsize=256)
def _statement(model: type[models.Model], using: str) -> str:
    quote = connections[using].ops.quote_name
    fields = _fields(model)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608


def _fields(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    return list(model._meta.local_concrete_fields)
