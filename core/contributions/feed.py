"""Collections whose row changes are recorded in the change feed, as apps declare them in `<app>/feed.py`.

Triggers are generated from these declarations, so raw SQL, bulk writes and the admin are caught as well.
"""

from dataclasses import dataclass
from typing import Any

EVERYBODY = "all"  # the scope of collections that are the same for everybody


@dataclass(frozen=True, slots=True)
class Tracked:
    """One collection.

    Args:
        model: the Django model class behind it; its primary key is a UUID.
        collection: the public name, such as `events`.
        scopes: scope kind -> field name, such as `{"u": "owner"}`; the row stands in each of these scopes,
            as `u:<owner's id>`. A row whose field is null stands in none. Without any, rows stand in `all`.
    """

    model: Any
    collection: str
    scopes: tuple[tuple[str, str], ...]


_tracked: dict[str, Tracked] = {}


def tracked(model: Any, collection: str, **scopes: str) -> Tracked:
    """Declare that the rows of `model` belong to `collection`, in scopes read from the named fields."""
    known = _tracked.get(collection)
    if known is not None and known.model is not model:
        raise ValueError(f"Two models are tracked as {collection!r}.")
    declaration = Tracked(model, collection, tuple(sorted(scopes.items())))
    _tracked[collection] = declaration
    return declaration


def tracked_collections() -> tuple[Tracked, ...]:
    return tuple(_tracked.values())
