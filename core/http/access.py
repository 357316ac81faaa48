"""What each route declares about who may call it. Nothing here decides; `access/` does.

Every view has `access = Access(...)` or `access = Public("why")`, and foreign trees (the Django admin, the
API documents) are mounted with one. A system check refuses to start with an undeclared route.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol
from uuid import UUID

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Audience(StrEnum):
    """The `aud` of an access token: the kind of client it was issued to."""

    ANDROID = "gigvora-mobile-android"
    IOS = "gigvora-mobile-ios"
    WEB = "gigvora-web"
    ADMIN = "gigvora-admin"


MOBILE = frozenset({Audience.ANDROID, Audience.IOS})
WEB = frozenset({Audience.WEB})
ADMIN = frozenset({Audience.ADMIN})


class Assurance(IntEnum):
    """How much is known of a device: nothing; a legacy check; a genuine app on it; keys held by its hardware."""

    NONE = 0
    BASIC = 1
    DEVICE = 2
    STRONG = 3


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
        assurance: what the caller's device must have been attested as, at least.
        step_up: the methods for which the caller must have proved who they are within the last minutes.
    """

    scope: str = ""
    write: str = ""
    audiences: frozenset[Audience] = MOBILE | WEB
    sensitive: bool = False
    assurance: Assurance = Assurance.NONE
    step_up: frozenset[str] = frozenset()

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
