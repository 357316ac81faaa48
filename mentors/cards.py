"""What mentoring shows on the home screen."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from access.types import Principal
from core.contributions.cards import Card, Priority, card
from core.contributions.scopes import Persona
from mentors.managers import SessionQuerySet
from mentors.scopes import MANAGE
from mentors.selectors import list_sessions
from mentors.types import Party, SessionStatus

SHOWN = 5  # sessions on one card
AHEAD = timedelta(days=7)

# Support leads hold the scope as well, but nobody asks them for sessions.
_MENTORS = frozenset({Persona.MENTOR})


@card("mentor_requests", "Sessions that wait for the mentor's answer.", scope=MANAGE, roles=_MENTORS, since="2024.09")
def requests(principal: Principal) -> Iterable[Card]:
    asked = list_sessions(principal, Party.MENTOR).filter(status=SessionStatus.REQUESTED, starts_at__gt=timezone.now())
    shown = _first(asked, SHOWN)
    if shown:
        total, first = asked.count(), shown[0]
        yield Card(
            title="1 session request" if total == 1 else f"{total} session requests",
            subtitle=f"{first['mentee_name']}: {first['topic']}",
            priority=Priority.SOON,
            link=f"mentors/sessions/{first['id']}" if total == 1 else "mentors/sessions",
            data={"total": total, "sessions": shown},
            expires_at=first["starts_at"],  # unanswered until then, it is a request no more
        )


@card("mentor_next_session", "The confirmed session that one takes part in next, within a week.", since="2024.09")
def next_session(principal: Principal) -> Iterable[Card]:
    now = timezone.now()
    # A support lead may see everybody's sessions, but goes to their own.
    own = list_sessions(principal).filter(Q(mentor_id=principal.user_id) | Q(mentee_id=principal.user_id))
    confirmed = own.filter(status=SessionStatus.APPROVED, starts_at__gt=now, starts_at__lt=now + AHEAD)
    for session in _first(confirmed, 1):
        other = "mentee" if session["mentor_id"] == principal.user_id else "mentor"
        yield Card(
            about=str(session["id"]),
            title=f"Session with {session[f'{other}_name']}",
            subtitle=session["topic"],
            priority=Priority.SOON,
            link=f"mentors/sessions/{session['id']}",
            data=session,
            expires_at=session["starts_at"],
        )


def _first(sessions: SessionQuerySet, number: int) -> list[dict[str, Any]]:
    """What is shown of those that begin first, with the names of both sides."""
    names = {"mentor_name": F("mentor__user__full_name"), "mentee_name": F("mentee__full_name")}
    columns = ("id", "topic", "starts_at", "ends_at", "mentor_id", "mentee_id")
    return list(sessions.order_by("starts_at", "id").values(*columns, **names)[:number])
