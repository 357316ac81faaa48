"""Release trains: one newest shape of every resource, and declared steps back to the older ones.

A client names its train with `X-App-Version: 2024.09.0`. The current train and the three before it are served
side by side; each change of shape is one `VersionChange`, so an older answer is the newest one walked back
through the changes that the client does not know yet.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings

from core.errors import BadRequest, UpgradeRequired
from core.http.fieldsets import EVERYTHING, Fieldset
from core.http.requests import ApiRequest
from core.http.wire import Wire

HEADER = "X-App-Version"
CURRENT_TRAIN = "2024.09"
SERVED_TRAINS = (CURRENT_TRAIN, "2024.08", "2024.07", "2024.06")
_VERSION = re.compile(r"(20\d\d\.(?:0[1-9]|1[0-2]))(?:\.\d{1,5})?")


class InvalidAppVersion(BadRequest):
    code = "invalid_app_version"
    detail = f"Write {HEADER} as a release train, such as {CURRENT_TRAIN}.0."


@dataclass(frozen=True, slots=True)
class OldField:
    """A field that older trains know, computed by `read` from the rendered values of the newest fields `of`."""

    of: tuple[str, ...]
    read: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What `train` changed in a resource, told as the way back.

    Args:
        train: the first train with the newer shape.
        summary: one sentence for the change log.
        fields: the fields that trains before it get, by declared name; one of an existing name replaces it.
        hides: newer fields that trains before it do not get.
        write: turns what older clients send, of `fields` and of the newest fields behind them, into the
            newest ones; it must leave the newest form as it is. Absent, the old fields are read-only.
    """

    train: str
    summary: str
    fields: Mapping[str, OldField] = field(default_factory=dict)
    hides: frozenset[str] = frozenset()
    write: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None

    @property
    def names(self) -> frozenset[str]:
        """Every declared name that the change reads or writes."""
        return frozenset(self.fields).union(*(old.of for old in self.fields.values()))


LIST_ENVELOPE = VersionChange(
    "2024.07", "Lists became {data, page, _links} instead of {count, next, previous, results}."
)


def negotiate(request: ApiRequest) -> Wire:
    """The wire of the request, with its train settled.

    Raises:
        InvalidAppVersion: the header names no train.
        UpgradeRequired: the train is no longer served.
    """
    return Wire(request.wire.case, train_of(request.META.get("HTTP_X_APP_VERSION", "")))


@lru_cache(maxsize=256)
def train_of(version: str) -> str:
    if not version:
        return CURRENT_TRAIN
    declared = _VERSION.fullmatch(version)
    if declared is None:
        raise InvalidAppVersion
    train = min(declared[1], CURRENT_TRAIN)
    if train not in SERVED_TRAINS:
        raise UpgradeRequired(minimum=f"{SERVED_TRAINS[-1]}.0", store_links=settings.APP_STORE_LINKS)
    return train


def unknown_to(wire: Wire, changes: Iterable[VersionChange]) -> tuple[VersionChange, ...]:
    """The changes that the client's train does not know, newest first."""
    return tuple(
        sorted(filter(lambda change: wire.predates(change.train), changes), key=lambda change: change.train)[::-1]
    )


def as_known_to(
    wire: Wire, changes: Iterable[VersionChange], shown: dict[str, Any], fieldset: Fieldset = EVERYTHING
) -> dict[str, Any]:
    """One rendered resource as the client's train knows it; fields left out by `?fields=` stay out."""
    unknown = unknown_to(wire, changes)
    for change in unknown:
        shown = _walked_back(shown, wire, change)
    if unknown and fieldset.fields:
        kept = {wire.name(name) for name in fieldset.fields}
        return {name: value for name, value in shown.items() if name in kept}
    return shown


def _walked_back(shown: dict[str, Any], wire: Wire, change: VersionChange) -> dict[str, Any]:
    computed = {}
    for name, old in change.fields.items():
        sources = [wire.name(source) for source in old.of]
        if all(source in shown for source in sources):
            computed[wire.name(name)] = old.read(*(shown[source] for source in sources))
    hidden = {wire.name(name) for name in change.hides}
    return {name: value for name, value in (shown | computed).items() if name not in hidden}


def newer(sent: Mapping[str, Any], wire: Wire, changes: Iterable[VersionChange]) -> dict[str, Any]:
    """Turn a body as any served train knew it into the newest form."""
    body = dict(sent)
    for change in sorted(changes, key=lambda change: change.train):
        if change.write is None:
            continue
        old = {name: body.pop(wire.name(name)) for name in change.names if wire.name(name) in body}
        body |= {wire.name(name): value for name, value in change.write(old).items()} if old else {}
    return body
