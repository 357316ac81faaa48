"""What tokens and roles may say about mentoring. Finding and booking mentors asks for being signed in, no more."""

from core.contributions.scopes import Persona, Scope, declare_scopes
from mentors.types import OVERRIDE

MANAGE = "mobile:mentor.manage"
STAFF = "admin:mentors"

declare_scopes(
    Scope(
        MANAGE,
        "Set one's hours as a mentor and decide about sessions.",
        frozenset({Persona.MENTOR, Persona.SUPPORT_LEAD}),
    ),
    Scope(
        OVERRIDE,
        "See every mentoring session, and cancel or move it at any time, with a reason.",
        frozenset({Persona.SUPPORT_LEAD}),
    ),
    Scope(STAFF, "Decide about applications of mentors.", frozenset({Persona.SUPPORT_LEAD})),
)
