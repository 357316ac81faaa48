"""Who of the staff works on privacy requests."""

from core.contributions.scopes import Persona, Scope, declare_scopes

REQUESTS = "admin:privacy"

declare_scopes(Scope(REQUESTS, "See and close privacy requests.", frozenset({Persona.SUPPORT_LEAD})))
