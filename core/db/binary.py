"""Fetching rows as tuples; on PostgreSQL in its binary format, which costs a fifth to read.

With `core.db.postgresql` the one place that reaches below Django's public database API, on Django's own connection,
so that transactions, query logs and query budgets stay what they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, JSONField, Model, QuerySet

Row = Sequence[Any]
Converters = dict[int, tuple[list[Any], Any]]


def fetch(sql: str, parameters: Sequence[Any] | Mapping[str, Any], using: str = DEFAULT_DB_ALIAS) -> list[Row]:
    """The rows of a statement. Values come as the driver reads them."""
    connection: Any = connections[using]
    rows: list[Row]
    if connection.vendor == "postgresql":
        rows = connection.binary_rows(sql, parameters)
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            rows = cursor.fetchall()
    return rows


def fetch_rows(queryset: QuerySet[Any, Any], columns: Sequence[str]) -> list[Row]:
    """The `columns` of a query set's rows."""
    if connections[queryset.db].vendor != "postgresql":
        return list(queryset.values_list(*columns))
    model: Any = queryset.model
    selection = None if _is_special(queryset.query) else _selection(model, tuple(columns), queryset.db)
    selected = queryset.values_list(*columns) if selection is None else queryset.values_list(selection.expression)
    compiler = selected.query.get_compiler(using=selected.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return []
    rows = fetch(sql, parameters, selected.db)
    converters = converters_of(compiler) if selection is None else selection.converters
    return converted(rows, converters, connections[queryset.db])


def converted(rows: list[Row], converters: Converters, connection: Any) -> list[Row]:
    """Rows with the values that fields show, where the database's own differ."""
    if not converters:
        return rows
    shown = [list(row) for row in rows]
    for place, (functions, expression) in converters.items():
        for row in shown:
            for function in functions:
                row[place] = function(row[place], expression, connection)
    return list(map(tuple, shown))


class _Columns(Expression):
    """A list of columns that Django has compiled before."""

    def __init__(self, sql: str) -> None:
        super().__init__(output_field=Field())
        self.sql = sql

    def as_sql(self, *_: Any) -> tuple[str, tuple[()]]:
        return self.sql, ()


@dataclass(frozen=True, slots=True)
class _Selection:
    expression: _Columns
    converters: Converters


@lru_cache(maxsize=256)
def _selection(model: type[Model], columns: tuple[str, ...], using: str) -> _Selection | None:
    """What Django's compiler makes of `columns`, which takes it longer than PostgreSQL needs for the query."""
    if any("__" in column for column in columns):
        return None  # joins, which belong to the query they are made for
    compiler = model._base_manager.using(using).values_list(*columns).query.get_compiler(using=using)
    compiler.pre_sql_setup()
    sql = ", ".join(sql for _, (sql, _), _ in compiler.select)
    return _Selection(_Columns(sql), converters_of(compiler))


def _is_special(query: Any) -> bool:
    """Whether the columns of a query are more than those of its table, or count for more than being shown."""
    return bool(query.annotations or query.extra or query.distinct or query.combinator or query.group_by is not None)


def converters_of(compiler: Any) -> Converters:
    """What turns the values of a compiled query's rows into those of its fields, by their place."""
    converters: Converters = compiler.get_converters([expression for expression, *_ in compiler.select])
    if compiler.connection.vendor != "postgresql":
        return converters
    return {
        place: (functions, expression)
        for place, (functions, expression) in converters.items()
        if not isinstance(expression.output_field, JSONField)  # loaded by the cursor already
    }
