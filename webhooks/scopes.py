"""Who may have events sent elsewhere."""

from core.contributions.scopes import Persona, Scope, declare_scopes

MANAGE = "webhooks:manage"
STAFF = "admin:webhooks"

declare_scopes(
    Scope(MANAGE, "Have the workspace's events sent to an endpoint.", frozenset({Persona.AGENCY, Persona.ADMIN})),
    Scope(STAFF, "See, disable and replay webhooks; register endpoints of the platform.", frozenset({Persona.ADMIN})),
)
