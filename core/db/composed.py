"""Lists whose query is composed once, step by step, and from then on only given its values.

A selector, and each step that follows, is called with placeholders where values will stand; what it returns is kept
and compiled once for each choice of columns. So a step may put values into the query and do nothing else with them:
a placeholder is no id and no time, and anything else fails at once.
Not here: single statements (`core/db/prepared.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from core.db.binary import Row, fetch_rows
from core.db.instances import Shape
from core.db.prepared import Given, Statement, statement_of

_REMEMBERED = 256


class Reader(Protocol):
    """Who asks: all of a caller that a composed query may depend on."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def workspace_id(self) -> UUID | None: ...


class _Anybody(NamedTuple):
    user_id: Any
    workspace_id: Any


class Composed(NamedTuple):
    """A query that was built before, with the values to run it with now; `plain()` builds it anew."""

    template: QuerySet[Any]
    values: Mapping[str, Any]
    plain: Callable[[], QuerySet[Any]]


Query = QuerySet[Any] | Composed
ReadRows = Callable[[Query, Sequence[str]], list[Row]]  # such as `rows_of`; what it reads besides comes last


def composed(selector: Callable[..., QuerySet[Any]], reader: Reader, *shape: Any, **values: Any) -> Composed:
    """The query `selector(reader, *shape, **values)`, built once for each `shape`."""
    template = _begun(selector, reader.workspace_id is not None, shape, tuple(values))
    held = {"user_id": reader.user_id, "workspace_id": reader.workspace_id, **values}
    return Composed(template, held, lambda: selector(reader, *shape, **values))


def extended(query: Query, step: Callable[..., QuerySet[Any]], *shape: Any, **values: Any) -> Query:
    """What `step(queryset, *shape, **values)` makes of a query, which stays composed if it was."""
    if not isinstance(query, Composed):
        return step(query, *shape, **values)
    template = _extended(query.template, step, shape, tuple(values))
    return Composed(template, {**query.values, **values}, lambda: step(query.plain(), *shape, **values))


def plain(query: Query) -> QuerySet[Any]:
    """A query as a query set, to do with it what Django offers."""
    return query.plain() if isinstance(query, Composed) else query


def rows_of(query: Query, columns: Sequence[str]) -> list[Row]:
    """The `columns` of a query's rows."""
    if not isinstance(query, Composed):
        return fetch_rows(query, columns)
    statement = _selecting(query.template, tuple(columns))
    return [] if statement is None else statement.rows(query.values)


def rows_with(query: Query, columns: Sequence[str], sql: str, *parameters: Any) -> list[Row]:
    """The rows of `sql`, in which `{rows}` stands for the `columns` of a query; those come first in its rows, too."""
    if isinstance(query, Composed):
        statement, values = _selecting(query.template, tuple(columns)), query.values
    else:
        statement, values = _statement(query, columns), {}
    return [] if statement is None else statement.within(sql, *parameters).rows(values)


def shape_of(query: Query) -> Shape[Any]:
    """How rows of all columns of a query's model become instances."""
    queryset = query.template if isinstance(query, Composed) else query
    return Shape.whole(queryset.model, queryset.db)


@lru_cache(_REMEMBERED)
def _begun(
    selector: Callable[..., QuerySet[Any]], has_workspace: bool, shape: tuple[Any, ...], names: tuple[str, ...]
) -> QuerySet[Any]:
    anybody = _Anybody(Given("user_id"), Given("workspace_id") if has_workspace else None)
    return selector(anybody, *shape, **{name: Given(name) for name in names})


@lru_cache(_REMEMBERED)
def _extended(
    template: QuerySet[Any], step: Callable[..., QuerySet[Any]], shape: tuple[Any, ...], names: tuple[str, ...]
) -> QuerySet[Any]:
    return step(template, *shape, **{name: Given(name) for name in names})


@lru_cache(_REMEMBERED)
def _selecting(template: QuerySet[Any], columns: tuple[str, ...]) -> Statement | None:
    return _statement(template, columns)


def _statement(queryset: QuerySet[Any], columns: Sequence[str]) -> Statement | None:
    with suppress(EmptyResultSet):
        return statement_of(queryset.values_list(*columns))
    return None
