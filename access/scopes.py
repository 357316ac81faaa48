"""The scope of staff routes. It is honoured with the admin audience alone."""

from core.contributions.scopes import Persona, Scope, declare_scopes

declare_scopes(
    Scope("admin:*", "Use every staff route.", frozenset({Persona.ADMIN})),
)
