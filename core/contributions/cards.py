"""Cards of the home screen as apps declare them in `<app>/cards.py`; `launchpad/` asks for them and shows them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any


class Priority(IntEnum):
    """Cards of a higher number stand further up."""

    URGENT = 90  # something is late, or at risk
    SOON = 70
    TODAY = 50
    STANDING = 30  # always there
    HINT = 10


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a source.

    Args:
        title, subtitle: for people, in the viewer's time zone and locale.
        priority: where it stands.
        link: what it opens, below `/l/`, as declared in `<app>/links.py`: `calendar/events/018f…`.
        data: for the app: JSON values, times, ids, enums and `Money`, under names in snake case.
        about: the id of what it is about, where a source makes several cards.
        expires_at: when it stops being true.
    """

    title: str
    priority: Priority
    link: str
    subtitle: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    expires_at: datetime | None = None


Build = Callable[[Any], Iterable[Card]]
"""Given an `access.types.Principal`, the cards they get now. What comes out may depend on the user, on their workspace,
roles, scopes, locale and time zone, and on nothing else of them: it is cached under these."""


@dataclass(frozen=True, slots=True)
class CardSource:
    """What makes cards of one type.

    Args:
        type: stable, for the app: `calendar_today`.
        summary: what the card tells, in one sentence.
        scope: what the viewer needs; empty for everybody.
        roles: the viewer acts with one of these; empty for any.
        since: the first release train that knows the type; older apps never get it.
        is_personal: whether it tells of one person. Others are the same for all in a workspace who may do the same.
    """

    type: str
    summary: str
    build: Build
    scope: str = ""
    roles: frozenset[str] = frozenset()
    since: str = ""
    is_personal: bool = True


_sources: dict[str, CardSource] = {}


def card(type_: str, summary: str, *, since: str, **given: Any) -> Callable[[Build], Build]:
    """Declare that a function makes the cards of a type. `CardSource` tells what may be given."""

    def declare(build: Build) -> Build:
        known = _sources.get(type_)
        if known is not None and known.build.__module__ != build.__module__:
            raise ValueError(f"Two apps make cards of the type {type_!r}.")
        _sources[type_] = CardSource(type_, summary, build, since=since, **given)
        return build

    return declare


def card_sources() -> tuple[CardSource, ...]:
    return tuple(_sources[type_] for type_ in sorted(_sources))
