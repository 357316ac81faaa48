"""What happened to roles."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.contributions.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class RoleGranted(DomainEvent):
    """`aggregate_id` is the user who holds the role from now on."""

    name: ClassVar[str] = "access.role.granted"
    aggregate: ClassVar[str] = "user"

    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(DomainEvent):
    """`aggregate_id` is the user who no longer holds the role."""

    name: ClassVar[str] = "access.role.revoked"
    aggregate: ClassVar[str] = "user"

    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AccessRequested(DomainEvent):
    """Staff powers wait for a second admin: a role for `user_id`, or more scopes for a role."""

    name: ClassVar[str] = "access.request.opened"
    aggregate: ClassVar[str] = "access.request"

    kind: str
    role: str
    user_id: UUID | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class AccessRequestDecided(DomainEvent):
    """A request was `approved`, `rejected` or `withdrawn`, or `expired`."""

    name: ClassVar[str] = "access.request.decided"
    aggregate: ClassVar[str] = "access.request"

    status: str
