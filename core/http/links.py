"""`_links`: what this caller may do with a resource now, each with its method and address.

A resource declares its actions once. Scopes are checked once per request, and the links of one row differ from those
of another with the same columns `of` only in the id: so their JSON is written once, and the id is put into it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.db.models import Model

from core.http.access import Caller
from core.http.renderers import dump_json
from core.http.wire import Wire


@dataclass(frozen=True, slots=True)
class Link:
    """One action.

    Args:
        name: as declared, in snake case.
        method: the HTTP method.
        suffix: what follows the resource's own address, such as `/cancel`.
        scope: the scope a caller needs; empty when seeing the resource is enough.
        when: says whether the action is possible now, called with the caller and the values of `of`.
        query: what follows the address, such as a signature that is good for minutes, called as `when` is.
        of: the columns that both read; they may depend on nothing else that changes during a request.
    """

    name: str
    method: str
    suffix: str = ""
    scope: str = ""
    when: Callable[..., bool] | None = None
    query: Callable[..., str] | None = None
    of: tuple[str, ...] = ()

    def possible(self, caller: Caller | None, values: Sequence[Any]) -> bool:
        """Whether the action is possible on a row that has these values of `of`."""
        return self.when is None or self.when(caller, *values)

    def at(self, here: str, caller: Caller | None, values: Sequence[Any]) -> dict[str, str]:
        """Where the action stands and how it is called, on the row that stands at `here`."""
        query = self.query(caller, *values) if self.query else ""
        return {"href": here + self.suffix + query, "method": self.method}


SELF = Link("self", "GET")


@dataclass(frozen=True)
class Links:
    """The actions of a resource that stands at `<surface>/<path>/<id>`; `self` is always the first.

    `path` may hold `{parent}`, the value of the column `parent`: `mentors/{parent}/sessions`.
    """

    path: str
    actions: tuple[Link, ...] = ()
    id: str = "id"
    parent: str = ""

    def under(self, root: str, parent: Any) -> str:
        """The address of the collection."""
        return root + (self.path.format(parent=parent) if self.parent else self.path)

    def offered(self, caller: Caller | None) -> tuple[Link, ...]:
        """The actions whose scope the caller has."""
        scopes = caller.scopes if caller is not None else frozenset()
        return (SELF, *(link for link in self.actions if not link.scope or link.scope in scopes))

    def of_instance(self, row: Any, caller: Caller | None, root: str, wire: Wire) -> dict[str, Mapping[str, str]]:
        """The links of one model instance; rows of tuples are linked by `core.http.rows`."""
        parent = attrgetter(self.parent)(row) if self.parent else None
        here = f"{self.under(root, parent)}/{attrgetter(self.id)(row)}"
        return {
            wire.name(link.name): link.at(here, caller, values)
            for link in self.offered(caller)
            if link.possible(caller, values := values_of(row, link.of))
        }


ID = b"{id}"


def template_of(address: str, wire: Wire, caller: Caller | None, judged: Iterable[tuple[Link, Sequence[Any]]]) -> bytes:
    """The JSON of the links of a row, with `ID` where its id belongs. Each comes with the values of its `of`."""
    here = f"{address}/{ID.decode()}"
    possible = ((link, values) for link, values in judged if link.possible(caller, values))
    return dump_json({wire.name(link.name): link.at(here, caller, values) for link, values in possible})


def values_of(row: Any, columns: tuple[str, ...]) -> list[Any]:
    """What a query would select as `columns`, read from an instance; a relation that is null gives null."""
    return [_as_selected(_value_of(row, column)) for column in columns]


def _value_of(row: Any, column: str) -> Any:
    for name in column.split("__"):
        if row is None:
            return None
        row = getattr(row, name)
    return row


def _as_selected(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value.pk if isinstance(value, Model) else value
