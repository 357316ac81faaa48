"""Queries that are asked again and again: compiled by Django once, and from then on only given their values.

Compiling a query takes Django longer than PostgreSQL needs to answer it. Here a function that builds one is called
once, with placeholders where values will stand, so the shape of its query must not depend on them.
Not here: lists, which are composed step by step (`core/db/composed.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cached_property
from inspect import signature
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connections
from django.db.models import DateTimeField, Model, QuerySet, UUIDField, Value
from django.db.models.query import ModelIterable
from django.db.transaction import TransactionManagementError

from core.db.binary import Converters, Row, converted, converters_of, fetch
from core.db.instances import Shape

M = TypeVar("M", bound=Model)

# SQLite knows neither; every other type of value is the same for the driver as for Django.
_FIELDS: dict[type, Any] = {UUID: UUIDField(), datetime: DateTimeField()}


class Given(Value):
    """Stands for one of the values that are given when the query runs, named by its place or by its name."""

    def as_sql(self, *_: Any) -> tuple[str, Any]:
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled query. What stands for a value, in `parameters`, is a key into the values of each run."""

    sql: str
    parameters: Sequence[Any]
    using: str
    converters: Converters
    shape: Shape[Any] | None
    locks: bool

    def rows(self, values: Any) -> list[Row]:
        connection: Any = connections[self.using]
        if self.locks and not connection.in_atomic_block:
            raise TransactionManagementError("A lock ends with its transaction.")
        filled = [values[each.value] if type(each) is Given else each for each in self.parameters]
        if connection.vendor != "postgresql":
            filled = [_stored(value, connection) for value in filled]
        return converted(fetch(self.sql, filled, self.using), self.converters, connection)

    def within(self, sql: str, *parameters: Any) -> "Statement":
        """A statement around this one, which stands for `{rows}` in `sql`; its own `parameters` follow."""
        return replace(self, sql=sql.format(rows=self.sql), parameters=[*self.parameters, *parameters])


def statement_of(queryset: Any) -> Statement:
    """Compile a query set that has placeholders where values will stand."""
    query, using = queryset.query, queryset.db
    compiler = query.get_compiler(using=using)
    sql, given = compiler.as_sql()
    # The driver would look up how to write a word that is a member of an enumeration, each time.
    parameters = [each.value if isinstance(each, Enum) else each for each in given]
    is_whole = queryset._iterable_class is ModelIterable
    shape: Any = Shape.of(compiler, using) if is_whole else None
    return Statement(sql, parameters, using, converters_of(compiler), shape, query.select_for_update)


class _Prepared:
    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build

    @cached_property
    def _statement(self) -> Statement:
        return statement_of(self._build(*map(Given, range(len(signature(self._build).parameters)))))


class prepared_rows(_Prepared):  # noqa: N801  used as a decorator
    """A query set of `values_list(...)`, as the function that answers its rows for the values it is called with."""

    def __call__(self, *values: Any) -> list[Row]:
        return self._statement.rows(values)


class prepared_instances(_Prepared, Generic[M]):  # noqa: N801  used as a decorator
    """A query set of whole rows, as the function that answers them as instances, with what `select_related` names."""

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        super().__init__(build)

    def __call__(self, *values: Any) -> list[M]:
        statement = self._statement
        assert statement.shape is not None, "Whole rows, not values of them."
        return list(map(statement.shape.build, statement.rows(values)))

    def first(self, *values: Any) -> M | None:
        """The first of them, which is best the only one that the query set asks for."""
        return next(iter(self(*values)), None)


def _stored(value: Any, connection: Any) -> Any:
    field = _FIELDS.get(type(value))
    return value if field is None else field.get_db_prep_value(value, connection)
