"""`_links`: what this caller may do with a resource now, each with its method and address.

A resource declares its actions once. Scopes are checked once per request and addresses are joined from
strings, so that a list of links costs next to nothing per row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.db.models import Model

from core.http.access import Caller
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
        of: the columns that `when` reads.
    """

    name: str
    method: str
    suffix: str = ""
    scope: str = ""
    when: Callable[..., bool] | None = None
    of: tuple[str, ...] = ()


SELF = Link("self", "GET")


@dataclass(frozen=True)
class Links:
    """The actions of a resource that stands at `<surface>/<path>/<id>`; `self` is always the first."""

    path: str
    actions: tuple[Link, ...] = ()
    id: str = "id"

    def offered(self, caller: Caller | None) -> tuple[Link, ...]:
        """The actions whose scope the caller has."""
        scopes = caller.scopes if caller is not None else frozenset()
        return (SELF, *(link for link in self.actions if not link.scope or link.scope in scopes))

    def of_instance(self, row: Any, caller: Caller | None, root: str, wire: Wire) -> dict[str, Mapping[str, str]]:
        """The links of one model instance; rows of tuples are linked by `core.http.rows`."""
        here = f"{root}{self.path}/{attrgetter(self.id)(row)}"
        return {
            wire.name(link.name): {"href": here + link.suffix, "method": link.method}
            for link in self.offered(caller)
            if link.when is None or link.when(caller, *values_of(row, link.of))
        }


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
