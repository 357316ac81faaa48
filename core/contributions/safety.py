"""What people may report, as apps declare it in `<app>/safety.py`; `safety/` takes reports and keeps the queue."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about, as it was when it was reported.

    Args:
        owner_id: whose it is.
        title: how the reporter saw it named; nothing that they could not see.
    """

    owner_id: UUID
    title: str = ""


Find = Callable[[Any, UUID], Subject | None]
"""Given an `access.types.Principal` and an id: the subject, if that person may see it, whoever blocks whom."""

Remove = Callable[[UUID, UUID, str], None]
"""Given who decided, an id and a reason: take the subject away from others. Does nothing where that was done before."""


@dataclass(frozen=True, slots=True)
class Reportable:
    """One kind of subject.

    Args:
        type: stable, for clients: `listing`.
        find: what is reported, or nothing.
        remove: what staff may do about it, if anything.
        scope: the staff scope that doing it needs.
    """

    type: str
    find: Find
    remove: Remove | None = None
    scope: str = ""


_reportables: dict[str, Reportable] = {}


def reportable(type_: str, *, find: Find, **given: Any) -> Reportable:
    """Declare that subjects of a type can be reported. `Reportable` tells what may be given."""
    known = _reportables.get(type_)
    if known is not None and known.find.__module__ != find.__module__:
        raise ValueError(f"Two apps have subjects of the type {type_!r}.")
    declaration = Reportable(type_, find, **given)
    if declaration.remove is not None and not declaration.scope:
        raise ValueError(f"Removing a {type_!r} needs a staff scope.")
    _reportables[type_] = declaration
    return declaration


def reportable_types() -> tuple[str, ...]:
    return tuple(sorted(_reportables))


def find_reportable(type_: str) -> Reportable | None:
    return _reportables.get(type_)
