"""Concrete requests for every route of the URLconf, so that new routes are tested without being listed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.urls import resolve

from access.catalogue import methods_of
from core.db.ids import uuid7
from core.http.access import Access, Public
from core.http.routing import declaration_of, routes

_CONVERTED = re.compile(r"<(?:(\w+):)?(\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
_SAMPLES = {"int": "7", "slug": "some-thing", "path": "some/path", "str": "something"}


@dataclass(frozen=True)
class Route:
    """One route and method, with an address that leads there."""

    path: str
    method: str
    declaration: Access | Public

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def access(self) -> Access:
        assert isinstance(self.declaration, Access)
        return self.declaration

    @property
    def address(self) -> str:
        """A concrete address; ids are random, so nobody owns what they point to."""
        return sample(self.path)


def api_routes() -> list[Route]:
    """Every route and method outside of the staff site, which has rules and tests of its own."""
    return sorted(_api_routes(), key=str)


def _api_routes() -> Iterator[Route]:
    for path, pattern, declaration in routes():
        if declaration is None or is_staff_screen(path):
            continue
        for method in methods_of(pattern.callback):
            yield Route(path, method, declaration)


def is_staff_screen(path: str) -> bool:
    """Screens stand under the staff path; so do the routes of staff clients, which are like any other."""
    return path.startswith(f"/{settings.STAFF_PATH}") and not path.startswith(f"/{settings.STAFF_PATH}api/")


def sample(path: str) -> str:
    """Fill in every parameter of a path, converter or regular expression."""
    filled = _GROUP.sub(lambda group: _regex_value(group[1], group[0]), path)
    filled = _CONVERTED.sub(lambda found: _SAMPLES.get(found[1] or "str", "") or str(uuid7()), filled)
    return re.sub(r"\\([./-])", r"\1", filled.removesuffix("$").removesuffix(r"\Z").replace("^", "")).removesuffix("?")


def _regex_value(name: str, group: str) -> str:
    """A UUID, else the first usual value that the expression of the group takes."""
    expression = re.compile(group)
    candidates = (str(uuid4()), "something", "7", "json", ".json")
    return next((value for value in candidates if expression.fullmatch(value)), name)


def leads_to(address: str) -> Access | Public | None:
    """The declaration that a request for the address would be held to."""
    return declaration_of(resolve(address))
