"""What each route declares about who may call it. Nothing here decides; `access/` does.

Every view has `access = Access(...)` or `access = Public("why")`, and foreign trees (the Django admin, the
API documents) are mounted with one. A system check refuses to start with an undeclared route.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Audience(StrEnum):
    """The `aud` of an access token: the kind of client it was issued to."""

    ANDROID = "gigvora-mobile-android"
    IOS = "gigvora-mobile-ios"
    WEB = "gigvora-web"
    ADMIN = "gigvora-admin"


MOBILE = frozenset({Audience.ANDROID, Audience.IOS})
WEB = frozenset({Audience.WEB})
ADMIN = frozenset({Audience.ADMIN})


class Caller(Protocol):
    """What the wire needs to know of a signed-in caller; `access.types.Principal` is one."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def access_version(self) -> str: ...
    @property
    def locale(self) -> str: ...
    @property
    def timezone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Access:
    """A route for signed-in callers.

    Args:
        scope: the scope a caller needs; empty when being signed in is enough.
        write: the scope for unsafe methods, where it differs from `scope`.
        audiences: the kinds of client that may call.
        sensitive: record grants in the audit trail too, not refusals alone.
    """

    scope: str = ""
    write: str = ""
    audiences: frozenset[Audience] = MOBILE | WEB
    sensitive: bool = False

    def scope_for(self, method: str) -> str:
        return self.scope if method in SAFE_METHODS else self.write or self.scope

    @property
    def is_staff_only(self) -> bool:
        return self.audiences == ADMIN


@dataclass(frozen=True, slots=True)
class Public:
    """A route that anybody may call. `why` is for the reader, and for the generated matrix."""

    why: str


Declaration = Access | Public
