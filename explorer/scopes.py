"""What tokens and roles may say about the marketplace."""

from core.contributions.scopes import EVERYBODY, Persona, Scope, declare_scopes

READ = "explorer:read"
FEED = "feed:read"
MODERATE = "admin:explorer"

declare_scopes(
    Scope(READ, "Find listings, engage with them, and keep one's own.", EVERYBODY),
    Scope(FEED, "See the feed of listings that is made for the person.", EVERYBODY),
    Scope(MODERATE, "Take listings down and put them back.", frozenset({Persona.SUPPORT, Persona.SUPPORT_LEAD})),
)
