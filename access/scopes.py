"""The scopes of staff routes and screens. They are honoured with the admin audience alone."""

from core.contributions.scopes import Persona, Scope, declare_scopes

declare_scopes(
    Scope("admin:*", "Use every staff route and screen.", frozenset({Persona.ADMIN})),
    Scope(
        "admin:people.read",
        "See people, their devices and sessions, and the audit trail.",
        frozenset({Persona.SUPPORT, Persona.SUPPORT_LEAD}),
    ),
    Scope(
        "admin:roles.give",
        "Give and take everyday roles, none with a scope that one does not hold.",
        frozenset({Persona.SUPPORT_LEAD}),
    ),
    Scope(
        "admin:people.suspend",
        "Suspend people whom others have reported.",
        frozenset({Persona.SUPPORT_LEAD}),
    ),
    Scope("admin:sessions.end", "End anybody's sessions.", frozenset({Persona.SUPPORT_LEAD})),
)
