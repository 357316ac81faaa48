"""Booking a session and moving it: whoever is first has the slot, however many ask at once.

Bookings of one mentor wait for each other on the mentor's row, so each sees what the one before it wrote, and a lost
race costs no deadlock. What that lock does not cover (one mentee with two mentors at once, or rows written past this
module) the exclusion constraints do. On SQLite the write transaction is the lock.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone as clock

from access.types import Principal
from core.db.changes import lock, save_changes
from core.db.errors import conflict_as
from core.db.instances import insert
from core.errors import Invalid, NotFound
from core.timezones import zone_named
from mentors import availability
from mentors.errors import DayFull, InvalidState, MenteeBusy, OutsideAvailability, SlotTaken
from mentors.events import SessionRequested, SessionRescheduled
from mentors.models import Mentor, MentorSession
from mentors.openings import open_spans
from mentors.selectors import may_mentor
from mentors.services.steps import lock_for, tell
from mentors.types import CANCELLATION_WINDOW, OVERRIDE, Action, MentorStatus, Party, SessionStatus, Span

HOUR = 60  # minutes


def book_session(
    *, actor: Principal, mentor_id: UUID, starts_at: datetime, duration_minutes: int, topic: str, timezone: str
) -> MentorSession:
    """Ask a mentor for a time, which is held from now on. `timezone` is the mentee's.

    Raises:
        NotFound: there is no such mentor, they may mentor no more, or they and the actor are kept apart.
        InvalidState: the actor is the mentor.
        Invalid: the time is none to begin at; the mentor offers no sessions that long; there is no such time zone.
        OutsideAvailability: the mentor has no time then, or it is too soon or too far ahead.
        SlotTaken: the mentor, or the actor, has a session at that time, or the mentor's day is full.
    """
    zone_named(timezone)
    if mentor_id == actor.user_id:
        raise InvalidState("Nobody books a session with themselves.")
    wanted = _span(starts_at, timedelta(minutes=duration_minutes))
    with conflict_as(SlotTaken), transaction.atomic():
        mentor: Mentor = lock(Mentor.objects.visible_to(actor), id=mentor_id)
        if not may_mentor(mentor.user_id):  # of which the mentor's row tells a moment later
            raise NotFound
        availability.check_duration(mentor, duration_minutes)
        check_bookable(mentor, wanted, notice=timedelta(minutes=mentor.notice_minutes))
        check_free(mentor, actor.user_id, wanted)
        held = availability.held_by(mentor, wanted)
        session = insert(
            MentorSession(
                mentor_id=mentor.id,
                mentee_id=actor.user_id,
                starts_at=wanted.start,
                ends_at=wanted.end,
                held_from=held.start,
                held_until=held.end,
                timezone=timezone,
                topic=topic,
                price_minor=price_of(mentor, duration_minutes),
                currency=mentor.currency,
            )
        )
        tell(SessionRequested, session, actor, Party.MENTEE)
    return session


def reschedule_session(
    *,
    actor: Principal,
    mentor_id: UUID,
    session_id: UUID,
    starts_at: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> MentorSession:
    """Move a session to another time, as long as it was.

    What the mentee moves, the mentor has to approve again. Whoever moves it leaves the other side time to cancel.
    Sessions with a mentor who was suspended, or has lost the role, are moved by support leads alone.

    Raises:
        NotFound, PreconditionFailed, InvalidState, CancellationWindowClosed, Invalid: as `steps.lock_for` says.
        InvalidState: the mentor takes no sessions any more.
        Invalid: the time is none to begin at.
        OutsideAvailability, SlotTaken: as in `book_session`.
    """
    mentors = Mentor.objects.all() if OVERRIDE in actor.scopes else Mentor.objects.unblocked(actor)
    with conflict_as(SlotTaken), transaction.atomic():
        mentor: Mentor = lock(mentors, id=mentor_id)
        session, party = lock_for(
            Action.RESCHEDULE,
            actor=actor,
            mentor_id=mentor_id,
            session_id=session_id,
            expected_version=expected_version,
            reason=reason,
        )
        if party is not Party.SUPPORT:
            _check_mentoring(mentor)
        wanted = _span(starts_at, session.ends_at - session.starts_at)
        if wanted.start == session.starts_at:
            return session
        check_bookable(mentor, wanted, notice=_notice(mentor, party))
        check_free(mentor, session.mentee_id, wanted, moving=session)
        _move(session, mentor, wanted, party, reason)
        tell(SessionRescheduled, session, actor, party, reason)
    return session


def _move(session: MentorSession, mentor: Mentor, wanted: Span, party: Party, reason: str) -> None:
    """Write down the new time of a locked session."""
    held = availability.held_by(mentor, wanted)
    approval = {"status": SessionStatus.REQUESTED.value, "decided_at": None} if party is Party.MENTEE else {}
    save_changes(
        session,
        starts_at=wanted.start,
        ends_at=wanted.end,
        held_from=held.start,
        held_until=held.end,
        reason=reason,
        **approval,
    )


def check_bookable(mentor: Mentor, wanted: Span, *, notice: timedelta) -> None:
    """Whether the mentor is open throughout, and it is neither too soon nor too far ahead.

    Raises:
        OutsideAvailability: with the `reason`.
    """
    now = clock.now()
    if wanted.start < now + notice:
        raise OutsideAvailability("That is too soon for the mentor.", reason="notice")
    if wanted.start >= now + timedelta(days=mentor.horizon_days):
        raise OutsideAvailability("That is too far ahead for the mentor.", reason="horizon")
    open_ = open_spans(availability.hours_of(mentor, wanted), wanted) if mentor.is_accepting else []
    if not any(span.holds(wanted) for span in open_):
        raise OutsideAvailability(reason="hours")


def check_free(mentor: Mentor, mentee_id: UUID, wanted: Span, *, moving: MentorSession | None = None) -> None:
    """Whether nothing else is booked then, by the mentor or the mentee. The mentor is locked.

    Raises:
        SlotTaken: something is, or the mentor's day is full.
    """
    others = [each for each in availability.live_around(mentor, wanted) if moving is None or each.id != moving.id]
    held = availability.held_by(mentor, wanted)
    if any(held.overlaps(Span(each.held_from, each.held_until)) for each in others):
        raise SlotTaken
    if wanted.start.astimezone(zone_named(mentor.timezone)).date() in availability.full_days(mentor, others):
        raise DayFull
    mentees = MentorSession.objects.live().filter(mentee_id=mentee_id, ends_at__gt=wanted.start)
    if mentees.starting_around(wanted).exclude(id=moving.id if moving else None).exists():
        raise MenteeBusy


def _check_mentoring(mentor: Mentor) -> None:
    """Raises: InvalidState, where somebody was a mentor, but is none now. Their sessions stay, to be cancelled."""
    if mentor.status != MentorStatus.APPROVED or not may_mentor(mentor.user_id):
        raise InvalidState("The mentor takes no sessions any more.")


def price_of(mentor: Mentor, minutes: int) -> int:
    """The price of a session in minor units, rounded half up."""
    return (mentor.price_minor * minutes * 2 + HOUR) // (2 * HOUR)


def _notice(mentor: Mentor, party: Party) -> timedelta:
    """How far ahead a session may be moved to: the mentor's notice binds the mentee alone."""
    if party is Party.SUPPORT:
        return timedelta()
    asked = timedelta(minutes=mentor.notice_minutes) if party is Party.MENTEE else timedelta()
    return max(asked, CANCELLATION_WINDOW)


def _span(starts_at: datetime, length: timedelta) -> Span:
    """Raises: Invalid, where it begins within a minute, or beyond what a clock shows."""
    if starts_at.second or starts_at.microsecond:
        raise Invalid.field("starts_at", "Sessions begin at whole minutes.", "not_a_whole_minute")
    try:
        return Span(starts_at, starts_at + length)
    except OverflowError as error:
        raise Invalid.field("starts_at", "There is no such time.", "out_of_range") from error
