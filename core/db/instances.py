"""Reading whole rows as model instances, and writing one row, past the costs of Django's general ways.

For models without signals and parents.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from types import NoneType
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from django.db import DatabaseError, connections, models, router
from django.db.models import NOT_PROVIDED
from django.db.models.base import ModelState

from core.db.binary import Row, fetch_rows

M = TypeVar("M", bound=models.Model)
AnyField: TypeAlias = "models.Field[Any, Any]"
# What PostgreSQL's driver takes as an instance holds it, and Django would only look at: by field, and by value.
_AS_HELD: Mapping[type, frozenset[type]] = {
    models.BinaryField: frozenset({bytes}),
    models.BooleanField: frozenset({bool}),
    models.CharField: frozenset({str}),
    models.ForeignKey: frozenset({UUID, NoneType}),
    models.PositiveBigIntegerField: frozenset({int}),
    models.PositiveSmallIntegerField: frozenset({int}),
    models.UUIDField: frozenset({UUID, NoneType}),
}


@dataclass(frozen=True, slots=True)
class Shape(Generic[M]):
    """Where in a row the values of an instance stand, and those of the instances that it refers to."""

    model: type[M]
    using: str
    names: Sequence[str]
    start: int = 0
    key: int = 0
    related: "Sequence[tuple[Callable[[Any, Any], None], Shape[Any]]]" = ()
    annotations: Sequence[tuple[str, int]] = ()

    @classmethod
    def of(cls, compiler: Any, using: str) -> "Shape[M]":
        """The shape of the rows of a compiled query, with its annotations and what `select_related` names."""
        shape: Shape[M] = cls._of(compiler.klass_info, compiler.select, using)
        return replace(shape, annotations=tuple(compiler.annotation_col_map.items()))

    @classmethod
    def _of(cls, info: Any, select: Any, using: str) -> "Shape[M]":
        places = info["select_fields"]
        names = [select[place][0].target.attname for place in places]
        key = places[names.index(info["model"]._meta.pk.attname)]
        related = [(each["local_setter"], cls._of(each, select, using)) for each in info.get("related_klass_infos", ())]
        return cls(info["model"], using, names, places[0], key, related)

    @classmethod
    def whole(cls, model: type[M], using: str) -> "Shape[M]":
        """The shape of rows of all columns of one table."""
        return cls(model, using, [field.attname for field in model._meta.concrete_fields])

    def build(self, row: Row) -> M:
        """Fill an instance as `Model.from_db` would, without asking every field and signal."""
        instance = self.model.__new__(self.model)
        instance.__dict__.update(zip(self.names, row[self.start :], strict=False))
        instance._state = ModelState()
        instance._state.adding, instance._state.db = False, self.using
        for name, place in self.annotations:
            setattr(instance, name, row[place])
        for attach, shape in self.related:
            attach(instance, None if row[shape.key] is None else shape.build(row))
        return instance


def fetch_instances(queryset: models.QuerySet[M]) -> list[M]:
    """The rows of a query set as instances, for a third of the time that iterating takes."""
    shape = Shape.whole(queryset.model, queryset.db)
    return [shape.build(row) for row in fetch_rows(queryset, shape.names)]


def fetch_first(queryset: models.QuerySet[M]) -> M | None:
    """The first row of a query set, as it is ordered."""
    return next(iter(fetch_instances(queryset[:1])), None)


def insert(row: M) -> M:
    """Write a new row whose key is known, as `save(force_insert=True)` does, for a third of the time."""
    insert_all([row])
    return row


def insert_all(rows: Sequence[models.Model]) -> None:
    """Write new rows, on PostgreSQL in one statement; those of one model follow one another.

    Keys that only the database can give are not read back.
    """
    using = router.db_for_write(type(rows[0]), instance=rows[0])
    groups = [list(group) for _, group in groupby(rows, type)]
    for together in [groups] if connections[using].vendor == "postgresql" else [[group] for group in groups]:
        sql, fields = _insertion(tuple((type(group[0]), len(group)) for group in together), using)
        values = [
            value
            for names, group in zip(fields, together, strict=True)
            for row in group
            for value in _values(row, names, using, add=True)
        ]
        _execute(using, sql, values)
    for row in rows:
        row._state.adding, row._state.db = False, using


def update(row: M, *names: str) -> M:
    """Write the named fields of a row, as `save(update_fields=names)` does, for a third of the time.

    Raises:
        DatabaseError: the row has gone.
    """
    using = router.db_for_write(type(row), instance=row)
    sql, fields = _change(type(row), names, using)
    if not _execute(using, sql, _values(row, fields, using, add=False)):
        raise DatabaseError("The row to change is not there any more.")
    return row


def _values(row: models.Model, fields: Sequence[AnyField], using: str, *, add: bool) -> list[Any]:
    connection, held = connections[using], row.__dict__
    as_held = _AS_HELD if connection.vendor == "postgresql" else {}
    return [
        value
        if type(value := held.get(field.attname, NOT_PROVIDED)) in as_held.get(type(field), ())
        else field.get_db_prep_save(field.pre_save(row, add), connection)
        for field in fields
    ]


def _execute(using: str, sql: str, values: Sequence[Any]) -> int:
    """Run a statement; the number of rows it wrote."""
    connection: Any = connections[using]
    if connection.vendor == "postgresql":
        return int(connection.binary_change(sql, values))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


@lru_cache(maxsize=256)
def _insertion(
    groups: tuple[tuple[type[models.Model], int], ...], using: str
) -> tuple[str, Sequence[Sequence[AnyField]]]:
    """The statement that writes so many rows of each model, and the fields of which it takes the values."""
    fields = [
        [field for field in model._meta.local_concrete_fields if not isinstance(field, models.AutoField)]
        for model, _ in groups
    ]
    *before, last = (_insert(*group, written, using) for group, written in zip(groups, fields, strict=True))
    beside = ", ".join(f"insert{number} AS ({sql})" for number, sql in enumerate(before))
    return f"WITH {beside} {last}" if beside else last, fields


def _insert(model: type[models.Model], rows: int, fields: Sequence[AnyField], using: str) -> str:
    quote = connections[using].ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    values = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {values}"  # noqa: S608


@lru_cache(maxsize=256)
def _change(model: type[models.Model], names: Sequence[str], using: str) -> tuple[str, Sequence[AnyField]]:
    quote = connections[using].ops.quote_name
    key = model._meta.pk
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    changes = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(str(key.column))} = %s"  # noqa: S608
    return sql, [*fields, key]
