"""Fetching rows as tuples; on PostgreSQL in its binary format, which costs a fifth to read.

The one place that reaches below Django's public database API, on Django's own connection, so that
transactions, query logs and query budgets stay what they are.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import JSONField, QuerySet

Row = Sequence[Any]


def fetch_rows(queryset: QuerySet[Any, Any], columns: Sequence[str]) -> list[Row]:
    """The `columns` of a query set's rows."""
    selected = queryset.values_list(*columns)
    if connections[selected.db].vendor != "postgresql":
        return list(selected)
    return _fetch_binary(selected)


def _fetch_binary(selected: QuerySet[Any, Any]) -> list[Row]:
    import psycopg  # noqa: PLC0415  SQLite installations need not load it
    from psycopg.types.json import set_json_loads  # noqa: PLC0415

    connection = connections[selected.db]
    compiler = selected.query.get_compiler(connection=connection)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return []
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw = psycopg.Cursor(connection.connection)
    raw.format = psycopg.pq.Format.BINARY
    set_json_loads(orjson.loads, context=raw)
    with connection._prepare_cursor(raw) as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, parameters)
        rows: list[Row] = cursor.fetchall()
    expressions = [expression for expression, *_ in compiler.select]
    converters = {
        place: (functions, expression)
        for place, (functions, expression) in compiler.get_converters(expressions).items()
        if not isinstance(expression.output_field, JSONField)  # loaded by orjson already
    }
    return [tuple(row) for row in compiler.apply_converters(rows, converters)] if converters else rows
