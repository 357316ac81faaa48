"""Cursor pages over query sets and over sorted rows: `?limit=` and `?cursor=`, and how a page is answered.

A page is found by the sort key of the row it starts after, so it costs the same at any depth and neither
repeats nor skips rows when others are written in between.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from django.db.models import QuerySet
from rest_framework.response import Response

from core.db.composed import Query, extended
from core.errors import Invalid
from core.http.cursors import Position, keyset, seal, unseal
from core.http.requests import ApiRequest
from core.http.versions import LIST_ENVELOPE
from core.http.wire import Wire

DEFAULT_LIMIT = 25
MAX_LIMIT = 100
# What shapes the answer without choosing its rows; a cursor is not bound to it.
_UNBOUND = frozenset({"limit", "cursor", "fields", "expand"})
PAGE_PARAMETERS = frozenset({"limit", "cursor"})

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    rows: list[R]
    limit: int
    next: str | None
    previous: str | None
    count: Callable[[], int]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for. `order` ends with a unique column; `-` turns a column around."""

    order: tuple[str, ...]
    limit: int
    position: Position | None
    bound_to: str

    @property
    def is_backward(self) -> bool:
        return self.position is not None and self.position.backward

    def of_queryset(self, queryset: QuerySet[Any, R], key: Callable[[R], tuple[Any, ...]]) -> Page[R]:
        """The page of a query set, sorted here. `key` reads the values of `order` from one result."""
        found: Any = self.window(queryset)
        return self._page(list(found), key, queryset.count)

    def window(self, query: Query) -> Query:
        """The rows of this page and one more, nearest to the cursor first."""
        edge = {} if self.position is None else {f"edge{i}": value for i, value in enumerate(self.position.key)}
        return extended(query, _window, self.order, self.limit, self.is_backward, **edge)

    def of_window(self, rows: Iterable[R], key: Callable[[R], tuple[Any, ...]], count: Callable[[], int]) -> Page[R]:
        """The page of what `window` selected, when it was fetched by other means."""
        return self._page(list(rows), key, count)

    def of_sorted(self, rows: Sequence[R], key: Callable[[R], tuple[Any, ...]]) -> Page[R]:
        """The page of rows that are already sorted, ascending, by the unique tuple that `key` reads."""
        position = self.position
        if position is None:
            return self._page(list(rows[: self.limit + 1]), key, lambda: len(rows))
        if position.backward:
            beyond = (row for row in reversed(rows) if key(row) < position.key)
        else:
            beyond = (row for row in rows if key(row) > position.key)
        return self._page(list(islice(beyond, self.limit + 1)), key, lambda: len(rows))

    def _page(self, found: list[R], key: Callable[[R], tuple[Any, ...]], count: Callable[[], int]) -> Page[R]:
        has_more = len(found) > self.limit
        rows = found[: self.limit]
        if self.is_backward:
            rows.reverse()
        came_from_before = self.position is not None and not self.is_backward
        has_next = self.is_backward or has_more
        has_previous = came_from_before or (self.is_backward and has_more)
        return Page(
            rows,
            self.limit,
            self._sealed(rows[-1:], key, backward=False) if has_next else None,
            self._sealed(rows[:1], key, backward=True) if has_previous else None,
            count,
        )

    def _sealed(self, edge: list[R], key: Callable[[R], tuple[Any, ...]], *, backward: bool) -> str | None:
        """The cursor at an edge of the page; past the last row, the way back is where one came from."""
        if edge:
            return seal(Position(tuple(key(edge[0])), backward), self.bound_to)
        if self.position is not None and self.position.backward is not backward:
            return seal(self.position.reversed(), self.bound_to)
        return None


def page_request(request: ApiRequest, order: Sequence[str]) -> PageRequest:
    """Read `limit` and `cursor`.

    Raises:
        Invalid: a limit outside of 1 to 100.
        InvalidCursor: a cursor that was not issued for this user, route, filters and order.
    """
    bound_to = _binding(request, order)
    cursor = request.query_params.get("cursor")
    position = None if cursor is None else unseal(cursor, bound_to)
    return PageRequest(tuple(order), _limit(request), position, bound_to)


def order_of(request: ApiRequest, allowed: Mapping[str, str], default: Sequence[str]) -> tuple[str, ...]:
    """The columns that `?ordering=` asks for, from an allow-list of name -> column, ending with the id.

    Raises:
        Invalid: a name that is not on the list.
    """
    asked = request.query_params.get("ordering")
    columns = [_column(name, allowed, request.wire) for name in asked.split(",")] if asked else list(default)
    if columns[-1].removeprefix("-") == "id":
        return tuple(columns)
    return (*columns, "-id" if columns[-1].startswith("-") else "id")


def key_of(columns: Sequence[str], order: Sequence[str]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """A function that reads the values of `order` from a row of `columns`."""
    places = [columns.index(column.removeprefix("-")) for column in order]
    if len(places) == 1:
        return lambda row: (row[places[0]],)
    return itemgetter(*places)


def page_response(request: ApiRequest, page: Page[Any], data: list[Any] | orjson.Fragment) -> Response:
    """Answer `data`, the rendered rows of `page`, in the shape that the client's train knows."""
    links = {"self": {"href": request._request.get_full_path(), "method": "GET"}}
    for name, cursor in (("next", page.next), ("previous", page.previous)):
        if cursor is not None:
            links[name] = {"href": href_with(request, cursor=cursor), "method": "GET"}
    if request.wire.predates(LIST_ENVELOPE.train):
        return Response(_counted(request, page, data, links), headers=_link_header(links))
    body = {
        "data": data,
        "page": {"next": page.next, "previous": page.previous, "limit": page.limit},
        "_links": links,
    }
    return Response(body, headers=_link_header(links))


def href_with(request: ApiRequest, **changes: str) -> str:
    """The address of the request, on the surface it was asked on, with some parameters changed."""
    path, _, query = request._request.get_full_path().partition("?")
    kept = [part for part in query.split("&") if part and part.partition("=")[0] not in changes]
    return f"{path}?{'&'.join([*kept, urlencode(changes)])}"


def _counted(request: ApiRequest, page: Page[Any], data: Any, links: Mapping[str, Any]) -> dict[str, Any]:
    """The list as 2024.06 knew it. Counting is a query of its own, and only that train pays for it."""
    absolute = {
        name: request.build_absolute_uri(links[name]["href"]) if name in links else None
        for name in ("next", "previous")
    }
    return {"count": page.count(), **absolute, "results": data}


def _link_header(links: Mapping[str, Any]) -> dict[str, str]:
    relations = {"next": "next", "previous": "prev"}
    offered = [f'<{links[name]["href"]}>; rel="{rel}"' for name, rel in relations.items() if name in links]
    return {"Link": ", ".join(offered)} if offered else {}


def _limit(request: ApiRequest) -> int:
    asked = request.query_params.get("limit")
    if asked is None:
        return DEFAULT_LIMIT
    if not (
        asked.isascii() and asked.isdecimal() and len(asked) <= len(str(MAX_LIMIT)) and 1 <= int(asked) <= MAX_LIMIT
    ):
        raise Invalid.field("limit", f"Choose a number from 1 to {MAX_LIMIT}.", "out_of_range")
    return int(asked)


def _column(name: str, allowed: Mapping[str, str], wire: Wire) -> str:
    sign, bare = ("-", name[1:]) if name.startswith("-") else ("", name)
    columns = {wire.name(declared): column for declared, column in allowed.items()}
    if bare not in columns:
        raise Invalid.field("ordering", f"Choose from {', '.join(sorted(columns))}.", "unknown_field")
    return sign + columns[bare]


def _binding(request: ApiRequest, order: Sequence[str]) -> str:
    user_id = getattr(request.user, "user_id", "")
    filters = sorted((name, *values) for name, values in request.query_params.lists() if name not in _UNBOUND)
    return f"{user_id}\n{request.path}\n{','.join(order)}\n{filters!r}"


def _window(queryset: QuerySet[Any], order: tuple[str, ...], limit: int, backward: bool, **edge: Any) -> QuerySet[Any]:
    """The first rows beyond the edge, whose values are those of `order`, and one row more."""
    if edge:
        queryset = queryset.filter(keyset(order, Position(tuple(edge.values()), backward)))
    return queryset.order_by(*map(_turned, order) if backward else order)[: limit + 1]


def _turned(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"
