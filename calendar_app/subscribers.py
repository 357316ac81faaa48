"""How the calendar reacts to what happened: an offered calendar is told by mail, a session with a mentor taken up,
shares between people end when one blocks the other."""

from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

from accounts.selectors import find_by_email, get_user
from accounts.services.claiming import greeted_as
from calendar_app.events import CalendarShareOffered
from calendar_app.selectors import find_share
from calendar_app.services import end_shares_between, follow_meeting
from calendar_app.types import EventSource, EventStatus, EventType, Meeting
from core import mail
from core.contributions.events import Published, subscriber


@subscriber(CalendarShareOffered.name, name="calendar.mail_offer", is_slow=True)
def mail_offer(event: Published) -> None:
    """Write to the address if it has an account; to others we owe nothing, and they did not ask for mail."""
    share = find_share(event.aggregate_id)
    invited = find_by_email(share.email) if share else None
    if share is None or invited is None:
        return
    link = f"{settings.PUBLIC_BASE_URL}/l/calendar/shares/{share.id}"
    owner = get_user(share.owner_id).full_name or "Somebody"
    mail.deliver(
        "calendar/mail/shared", to=invited.email, context={"name": greeted_as(invited), "owner": owner, "link": link}
    )


@subscriber("safety.user.blocked", name="calendar.end_shares")
def end_shares(event: Published) -> None:
    """Nobody gets back into a calendar when a block ends: it has to be offered anew."""
    end_shares_between(one=UUID(event.payload["blocker_id"]), other=UUID(event.payload["blocked_id"]))


# What a session with a mentor is in the calendar; what else may become of it takes it off.
_STATUSES = {
    "requested": EventStatus.TENTATIVE,
    "approved": EventStatus.CONFIRMED,
    "completed": EventStatus.COMPLETED,
}


@subscriber("mentor.session.*", name="calendar.mentor_sessions")
def take_up_session(event: Published) -> None:
    """Let a session stand in the calendars of mentor and mentee as it is now."""
    told = event.payload
    follow_meeting(
        meeting=Meeting(
            source=EventSource.MENTORS,
            event_type=EventType.MENTORSHIP,
            related_entity_type="mentor_session",
            related_entity_id=str(event.aggregate_id),
            attendees={
                UUID(told["mentor_id"]): told["mentor_timezone"],
                UUID(told["mentee_id"]): told["timezone"],
            },
            title=f"Mentoring: {told['topic']}" if told["topic"] else "Mentoring",
            starts_at=datetime.fromisoformat(told["starts_at"]).astimezone(UTC),
            ends_at=datetime.fromisoformat(told["ends_at"]).astimezone(UTC),
            status=_STATUSES.get(told["status"], EventStatus.CANCELLED),
            reason=told["reason"],
        ),
        takes_up=event.name != "mentor.session.redacted",
    )
