"""Who of the staff sets flags."""

from core.contributions.scopes import Persona, Scope, declare_scopes

FLAGS = "admin:flags"

declare_scopes(Scope(FLAGS, "See feature flags, and set them.", frozenset({Persona.SUPPORT_LEAD})))
