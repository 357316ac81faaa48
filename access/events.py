"""What happened to roles."""

from dataclasses import dataclass
from typing import ClassVar

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
