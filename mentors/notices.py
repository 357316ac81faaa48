"""What mentors and mentees are told of their sessions."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from core.contributions.events import Published
from core.contributions.notices import Category, Notice, Recipient, Words, declare_notices
from mentors.events import (
    SessionApproved,
    SessionCancelled,
    SessionDeclined,
    SessionExpired,
    SessionRequested,
    SessionRescheduled,
)


def _what(event: Published, recipient: Recipient) -> Mapping[str, object]:
    """The start as the reader's clock and language have it, after the topic unless that is gone with its mentee."""
    when = recipient.written(datetime.fromisoformat(event.payload["starts_at"]))
    return {"what": ": ".join(filter(None, (event.payload["topic"], when)))}


def _told(*names: str) -> Callable[[Published], list[UUID]]:
    """The parties named, but for whoever did it."""
    return lambda event: [user_id for name in names if (user_id := UUID(event.payload[name])) != event.actor_id]


def _notice(event: str, recipients: Callable[[Published], list[UUID]], title: str, titel: str) -> Notice:
    return Notice(
        event=event,
        category=Category.MENTORSHIP,
        recipients=recipients,
        words={"en": Words(title, "{what}."), "de": Words(titel, "{what}.")},
        values=_what,
        deep_link="mentors/sessions/{aggregate_id}",
        metadata=("mentor_id", "mentee_id", "starts_at", "status"),
    )


_MENTOR, _MENTEE, _BOTH = _told("mentor_id"), _told("mentee_id"), _told("mentor_id", "mentee_id")

declare_notices(
    _notice(SessionRequested.name, _MENTOR, "Somebody asks for a session", "Eine Sitzung wird angefragt"),
    _notice(SessionApproved.name, _MENTEE, "Your session is confirmed", "Deine Sitzung ist bestätigt"),
    _notice(SessionDeclined.name, _MENTEE, "Your session was declined", "Deine Sitzung wurde abgelehnt"),
    _notice(SessionCancelled.name, _BOTH, "A session was cancelled", "Eine Sitzung wurde abgesagt"),
    _notice(SessionRescheduled.name, _BOTH, "A session was moved", "Eine Sitzung wurde verlegt"),
    _notice(SessionExpired.name, _MENTEE, "Your request was not answered", "Deine Anfrage blieb unbeantwortet"),
)
