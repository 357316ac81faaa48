"""What tokens and roles may say about calendars."""

from core.contributions.scopes import EVERYBODY, Scope, declare_scopes

VIEW = "calendar:view"
EDIT = "calendar:edit"

declare_scopes(
    Scope(VIEW, "See one's own calendar and what colleagues share.", EVERYBODY, implied_by=(EDIT,)),
    Scope(EDIT, "Change one's own calendar.", EVERYBODY),
)
