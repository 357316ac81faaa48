"""Rows that must not overlap in time, as a constraint of PostgreSQL.

SQLite has no such constraints. There every write transaction is exclusive, so a service that looks before it writes,
inside of one transaction, gives the same guarantee.
"""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db.models import Func, Q


class NoOverlap(ExclusionConstraint):
    """Of rows with the same `of` that fulfil `condition`, no two overlap in `[start, end)`; touching ones may stand.

    Needs the extension `btree_gist`. PostgreSQL answers a violation with 23P01, or where two wait for each other
    with 40P01; `core.db.errors` knows both as conflicts.
    """

    def __init__(self, *, of: str, start: str, end: str, condition: Q, name: str) -> None:
        self.given = {"of": of, "start": start, "end": end, "condition": condition, "name": name}
        span = Func(start, end, function="tstzrange", output_field=DateTimeRangeField())
        super().__init__(
            name=name,
            expressions=[(of, RangeOperators.EQUAL), (span, RangeOperators.OVERLAPS)],
            condition=condition,
        )

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__qualname__}", (), dict(self.given)

    def check(self, model: Any, connection: Any) -> list[Any]:
        return []  # Django's would want its whole PostgreSQL app, which asks for other types on every connection

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.vendor != "postgresql":
            return None
        return super().constraint_sql(model, schema_editor)
