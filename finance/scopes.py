"""What tokens and roles may say about money."""

from core.contributions.scopes import Persona, Scope, declare_scopes

VIEW = "finance:view"
READ = "finance:read"
WRITE = "wallet:write"
STAFF = "admin:finance"

_OWNERS = frozenset({Persona.FREELANCER, Persona.CLIENT, Persona.MENTOR, Persona.AGENCY})

declare_scopes(
    Scope(VIEW, "See sums and charts of one's money.", _OWNERS, implied_by=(READ,)),
    Scope(READ, "See one's accounts and every movement on them.", _OWNERS),
    Scope(WRITE, "Move one's money.", _OWNERS),
    Scope(STAFF, "See all accounts, settle payouts, correct mistakes.", frozenset({Persona.FINANCE_OPS})),
)
