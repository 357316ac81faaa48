"""Who is asking, what they hold, and what was decided: the values that cross the border of this app.

`accounts/` builds a `Principal` once per request from `Grants`; everything else only reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

from core.context import Channel
from core.http.access import ADMIN, Assurance, Audience

CHANNELS = {
    Audience.ANDROID: Channel.ANDROID,
    Audience.IOS: Channel.IOS,
    Audience.WEB: Channel.WEB,
    Audience.ADMIN: Channel.ADMIN,
}

Outcome = Literal["success", "failure", "denied"]

EVERY_STAFF_SCOPE = "admin:*"
GIVE_ROLES = "admin:roles.give"

# Whoever caches grants reads both keys first and keeps their values beside the copy: a copy whose values
# differ from the cache's is stale. Values are opaque, and a missing key is a value like any other.
POLICY_KEY = "access:policy"  # changes when the scopes of any role do
STAMP_TTL = 86_400  # seconds; must outlive every cached copy of grants


def changed_key(user_id: UUID) -> str:
    """The cache key that changes when the roles of one user do."""
    return f"access:changed:{user_id}"


@lru_cache(maxsize=4096)
def version_of(roles: frozenset[str], scopes: frozenset[str], is_superuser: bool = False) -> str:
    """A short digest of what somebody may do; the same rights have the same version on every server."""
    text = "|".join((",".join(sorted(roles)), ",".join(sorted(scopes)), str(is_superuser)))
    return sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role somebody holds, and how they came by it; without `given_by` the platform gave it."""

    name: str
    scopes: list[str]
    since: datetime | None = None
    given_by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Grants:
    """What the database gives one user at this moment: scopes by role, wider ones already spelt out."""

    by_role: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_superuser: bool = False

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(self.by_role)

    @cached_property
    def scopes(self) -> frozenset[str]:
        return self.scopes_of(self.by_role)

    @cached_property
    def version(self) -> str:
        return version_of(self.roles, self.scopes, self.is_superuser)

    def scopes_of(self, roles: Iterable[str]) -> frozenset[str]:
        """What some of the roles give together."""
        return frozenset[str]().union(*(self.by_role.get(role, frozenset()) for role in roles))


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in caller, with what may be done at this moment.

    `roles` are those held, already narrowed by `X-Gigvora-Roles`; `scopes` those the roles grant and the token
    allows. `access_version` changes whenever either does, so that answers cached under it never outlive a change.
    `proved_at` is when they last proved who they are, in a way that counts for what they hold.
    """

    user_id: UUID
    session_id: UUID
    device_id: UUID | None
    audience: Audience
    roles: frozenset[str]
    scopes: frozenset[str]
    access_version: str
    workspace_id: UUID | None = None
    locale: str = "en"
    timezone: str = "UTC"
    is_superuser: bool = False
    assurance: Assurance = Assurance.NONE
    proved_at: datetime | None = None

    is_authenticated = True  # what DRF asks of `request.user`

    @property
    def channel(self) -> Channel:
        return CHANNELS[self.audience]


@dataclass(frozen=True, slots=True)
class Resource:
    """What is acted upon, for the record: `Resource("event", event.id)`."""

    type: str
    id: UUID | str


Rule = Literal[
    "public",
    "audience",
    "signed_in",
    "scope",
    "superuser",
    "roles",
    "route",
    "assurance",
    "step_up",
    "gateway",
    "share",
]


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer to "may they?", with the gate (`rule`) that gave it.

    Refusals and grants of sensitive routes carry an `id` and stand in the audit trail; other grants have none,
    so that being allowed costs nothing.
    """

    allowed: bool
    rule: Rule
    reason: str = ""
    id: str = ""
    principal: Principal | None = None
    method: str = ""
    route: str = ""
    scope: str = ""
    audiences: frozenset[Audience] = frozenset()
    resource: Resource | None = None
    note: str = ""

    @property
    def on_staff_route(self) -> bool:
        return self.audiences == ADMIN

    @property
    def hides_the_route(self) -> bool:
        """Is the answer to be the same as where there is no route?"""
        return self.rule == "route" or (not self.allowed and self.rule == "audience" and self.on_staff_route)


class GateOutcome(StrEnum):
    PASSED = "passed"
    REFUSED = "refused"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Gate:
    """One question that a request is asked, and what came of it."""

    name: str
    title: str
    outcome: GateOutcome


@dataclass(frozen=True, slots=True)
class Story:
    """How one decision came about, in words for staff. `granted_by` and `remedy` are as roles stand now."""

    decision_id: str
    allowed: bool
    recorded_at: datetime
    trace_id: str
    who: str
    what: str
    resource: str
    reason: str
    gates: list[Gate]
    granted_by: str
    remedy: str
    taken: str
    policy: str
