"""The version of some data: read by itself, or by the statement that reads the rows of a list."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Field, QuerySet
from django.db.models.expressions import RawSQL

from core.db.binary import Row, fetch
from core.db.composed import Composed, Query, extended, rows_of


class DataVersion:
    """What changes whenever some data does: the one value of a statement.

    It stands for rows that are read after it, or with it: a write in between then costs a spare reload instead of a
    stale body.
    """

    def __init__(self, sql: str, values: Sequence[Any]) -> None:
        self._sql, self._values = sql, values
        self.text: str | None = None  # once it was read

    def read(self) -> str:
        [[value]] = fetch(self._sql, self._values)
        return self._take(value)

    def rows_of(self, query: Query, columns: Sequence[str]) -> list[Row]:
        """The `columns` of a query's rows, which others may follow; unless it was read before, with the version.

        A query that is not composed would take longer to compile with it than to ask again. Of no rows, which tell
        no version, one reads it first, too.
        """
        if self.text is None and isinstance(query, Composed):
            values = {f"version{place}": value for place, value in enumerate(self._values)}
            if rows := rows_of(extended(query, _beside, self._sql, **values), (*columns, "data_version")):
                self._take(rows[0][-1])
                return rows
        if self.text is None:
            self.read()
        return rows_of(query, columns)

    def _take(self, value: Any) -> str:
        self.text = str(value or 0)
        return self.text


def _beside(queryset: QuerySet[Any], sql: str, **values: Any) -> QuerySet[Any]:
    column: Any = RawSQL(sql, tuple(values.values()), output_field=Field())  # noqa: S611  our own text
    annotated: QuerySet[Any] = queryset.annotate(data_version=column)
    return annotated
