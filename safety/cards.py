"""What whoever handles reports sees on the home screen."""

from collections.abc import Iterable

from access.selectors import grants_of
from access.types import Principal
from core.contributions.cards import Card, Priority, card
from core.contributions.scopes import Persona
from safety.scopes import STAFF
from safety.selectors import overdue_reports, waiting_reports

# Tokens of apps and of the web carry no staff scopes, so the card is for roles; a number is all that it tells, and
# reports are read and decided in the staff site alone.
_HANDLERS = frozenset({Persona.SUPPORT, Persona.SUPPORT_LEAD})


@card(
    "reports_waiting",
    "How many reports wait for staff, and how many for longer than promised.",
    roles=_HANDLERS,
    since="2024.09",
    is_personal=False,
)
def reports(principal: Principal) -> Iterable[Card]:
    total = waiting_reports() if _handles_reports(principal) else 0
    if total:
        overdue = overdue_reports()
        yield Card(
            title="1 report is waiting" if total == 1 else f"{total} reports are waiting",
            subtitle=f"{overdue} for longer than a day." if overdue else "Decide about them in the staff site.",
            priority=Priority.URGENT if overdue else Priority.TODAY,
            link="reports/queue",
            data={"total": total, "overdue": overdue},
        )


def _handles_reports(principal: Principal) -> bool:
    """Whether the roles that the viewer acts with still give the scope, which staff may take from them."""
    return STAFF in grants_of(principal.user_id).scopes_of(principal.roles)
