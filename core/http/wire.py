"""How one request wants to be answered: the key case of its surface and the client's release train.

Attached to the request as `request.wire` by `core.http.middleware.RequestMiddleware`; the train is settled by
`core.http.versions.negotiate` when the view begins.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Case(StrEnum):
    SNAKE = "snake"
    CAMEL = "camel"


_ROOTS = ("/v1/", "/api/", "/mobile/v2/")
_CAMEL_ROOTS = ("/api/", "/mobile/v2/")
_UNDERSCORE = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")
_UPPER = re.compile(r"(?<=[a-z0-9])([A-Z])")


@dataclass(frozen=True, slots=True)
class Wire:
    case: Case = Case.SNAKE
    train: str = ""

    def name(self, field: str) -> str:
        """A declared field's name as this surface writes it."""
        return camel(field) if self.case is Case.CAMEL else field

    def field(self, name: str) -> str:
        """The declared field behind a name as this surface writes it."""
        return snake(name) if self.case is Case.CAMEL else name

    def predates(self, train: str) -> bool:
        """Whether the client was built before `train`; a client that names no train is a current one."""
        return bool(self.train) and self.train < train


SNAKE_WIRE = Wire()


def case_of(path: str) -> Case:
    return Case.CAMEL if path.startswith(_CAMEL_ROOTS) else Case.SNAKE


def root_of(path: str) -> str:
    """The prefix under which the surface of `path` stands, such as `/v1/`."""
    return next((root for root in _ROOTS if path.startswith(root)), "/")


@lru_cache(maxsize=4096)
def camel(name: str) -> str:
    return _UNDERSCORE.sub(lambda match: match[1].upper(), name)


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    return _UPPER.sub(lambda match: "_" + match[1].lower(), name)
