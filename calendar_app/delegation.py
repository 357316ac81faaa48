"""Who else may use somebody's calendar: the share that lets a caller in, or a refusal on record.

A share is asked for only where a caller names another's calendar, or an event that is not theirs; people without
shares pay nothing for those who have some. Not here: giving and ending shares (`services/sharing.py`).
"""

from uuid import UUID

from access.services import decide_by_share
from access.types import Principal, Resource
from calendar_app.models import CalendarShare, Event
from calendar_app.types import ShareLevel
from core.errors import NotFound


def share_of_calendar(principal: Principal, owner_id: UUID, level: ShareLevel) -> CalendarShare:
    """What lets the caller into this calendar at this moment. One query.

    Raises:
        NotFound: nothing does; with the decision that is on record.
    """
    open_now = CalendarShare.objects.open_to(principal.user_id, level)
    share: CalendarShare | None = open_now.filter(owner_id=owner_id).first()
    decision = decide_by_share(
        principal,
        Resource("calendar", owner_id),
        share_id=share.id if share else None,
        is_change=level is ShareLevel.EDIT,
    )
    if share is None:
        raise NotFound(decision_id=decision.id)
    return share


def share_of_event(principal: Principal, event_id: UUID, level: ShareLevel) -> CalendarShare:
    """What lets the caller at an event of somebody else's.

    Raises:
        NotFound: nothing does, or there is no such event.
    """
    owner_id = Event.objects.filter(id=event_id).values_list("owner_id", flat=True).first()
    if owner_id is None or owner_id == principal.user_id:
        raise NotFound
    return share_of_calendar(principal, owner_id, level)
