"""Fetching rows as tuples; on PostgreSQL in its binary format, which costs a fifth to read.

With `core.db.postgresql` the one place that reaches below Django's public database API, on Django's own connection,
so that transactions, query logs and query budgets stay what they are.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import JSONField, QuerySet

Row = Sequence[Any]


def fetch(sql: str, parameters: Sequence[Any], using: str = DEFAULT_DB_ALIAS) -> list[Row]:
    """The rows of a statement. Values come as the driver reads them."""
    connection: Any = connections[using]
    with connection.binary_cursor() if connection.vendor == "postgresql" else connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[Row] = cursor.fetchall()
    return rows


def fetch_rows(queryset: QuerySet[Any, Any], columns: Sequence[str]) -> list[Row]:
    """The `columns` of a query set's rows."""
    selected = queryset.values_list(*columns)
    if connections[selected.db].vendor != "postgresql":
        return list(selected)
    return _fetch_binary(selected)


def _fetch_binary(selected: QuerySet[Any, Any]) -> list[Row]:
    compiler = selected.query.get_compiler(using=selected.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return []
    rows = fetch(sql, parameters, selected.db)
    expressions = [expression for expression, *_ in compiler.select]
    converters = {
        place: (functions, expression)
        for place, (functions, expression) in compiler.get_converters(expressions).items()
        if not isinstance(expression.output_field, JSONField)  # loaded by the cursor already
    }
    return [tuple(row) for row in compiler.apply_converters(rows, converters)] if converters else rows
