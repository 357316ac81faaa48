"""Scopes and the personas that hold them by default, as apps declare them in `<app>/scopes.py`."""

from dataclasses import dataclass
from enum import StrEnum


class Persona(StrEnum):
    """The roles that ship with the platform. Staff may change what each holds; see `access/`."""

    FREELANCER = "freelancer"
    CLIENT = "client"
    MENTOR = "mentor"
    AGENCY = "agency"
    SUPPORT = "support"
    SUPPORT_LEAD = "support_lead"
    MARKETING = "marketing"
    FINANCE_OPS = "finance_ops"
    ADMIN = "admin"


EVERYBODY = frozenset(Persona)
STAFF = frozenset({Persona.SUPPORT, Persona.SUPPORT_LEAD, Persona.MARKETING, Persona.FINANCE_OPS, Persona.ADMIN})
MARKETPLACE = frozenset({Persona.FREELANCER, Persona.CLIENT, Persona.MENTOR, Persona.AGENCY})


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: a ceiling on a token, and a permission that roles hold in the database.

    Args:
        name: as written in tokens, `calendar:view`.
        description: what it allows, in one sentence, for the generated catalogue.
        personas: the roles that hold it from the start.
        implied_by: wider scopes that include it (`finance:read` includes `finance:view`).
    """

    name: str
    description: str
    personas: frozenset[Persona]
    implied_by: tuple[str, ...] = ()


_scopes: dict[str, Scope] = {}


def declare_scopes(*scopes: Scope) -> None:
    for scope in scopes:
        _scopes[scope.name] = scope


def declared_scopes() -> tuple[Scope, ...]:
    return tuple(_scopes[name] for name in sorted(_scopes))
