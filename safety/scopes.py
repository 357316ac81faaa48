"""Who handles reports. Filing them and blocking others asks for being signed in, no more."""

from core.contributions.scopes import Persona, Scope, declare_scopes

STAFF = "admin:safety"

declare_scopes(
    Scope(STAFF, "Handle what people report.", frozenset({Persona.SUPPORT, Persona.SUPPORT_LEAD})),
)
