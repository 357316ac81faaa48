"""When a mentor can be booked: their hours without what is booked already.

What is shown is kept for five minutes under the version of everything that it depends on. The version is counted up in
the very transaction of a booking, so nothing that is kept outlives one. What is booked is never decided here, but under
a lock in `services/booking.py`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.cache import cache

from access.types import Principal
from core.errors import Invalid, NotFound
from events.selectors import version_of
from mentors.feed import BOOKINGS, EXCEPTIONS, RULES, SETTINGS
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession
from mentors.openings import open_spans, slot_starts, without
from mentors.types import DayHours, ExceptionKind, Hours, Slot, Span, WeeklyHours
from safety.selectors import BLOCK_COLLECTIONS, kept_from

KEPT_FOR = 300  # seconds
_DAY = timedelta(days=1)
_LONGEST_BUFFER = timedelta(hours=4)
_COLLECTIONS = [BOOKINGS, EXCEPTIONS, RULES, SETTINGS, *BLOCK_COLLECTIONS]


@dataclass(frozen=True, slots=True)
class Offer:
    """What does not change by itself: when slots begin, before anybody looks at the clock."""

    minutes: int
    notice: timedelta
    horizon: timedelta
    starts: list[datetime]
    kept_from: frozenset[UUID]  # whom it is not for, because of a block


def availability_version(mentor_id: UUID) -> str:
    """What changes whenever a mentor's availability does. Read it before anything else."""
    return version_of(scopes=[f"u:{mentor_id}"], collections=_COLLECTIONS)


def free_slots(
    viewer: Principal, mentor_id: UUID, window: Span, *, minutes: int | None, shown_in: ZoneInfo, now: datetime
) -> tuple[int, list[Slot]]:
    """The slots that can be booked within a window, in order, and how many minutes each has.

    Without `minutes`, the shortest that the mentor offers.

    Raises:
        NotFound: there is no such mentor for the viewer.
        Invalid: the mentor offers no sessions of so many minutes.
    """
    offer = _kept_offer(mentor_id, window, minutes)
    if viewer.user_id in offer.kept_from:
        raise NotFound
    duration, earliest, latest = timedelta(minutes=offer.minutes), now + offer.notice, now + offer.horizon
    return offer.minutes, [
        Slot(start, start + duration, start.astimezone(shown_in).date())
        for start in offer.starts
        if earliest <= start < latest
    ]


def hours_of(mentor: Mentor, window: Span) -> Hours:
    """The mentor's weekly hours, and the exceptions that touch a window."""
    rules = AvailabilityRule.objects.filter(mentor_id=mentor.id).values_list(
        "weekday", "start_minute", "end_minute", "first_day", "last_day"
    )
    first, last = (window.start - _DAY).date(), (window.end + _DAY).date()
    days = AvailabilityException.objects.filter(
        mentor_id=mentor.id, last_day__gte=first, first_day__lte=last
    ).values_list("kind", "first_day", "last_day", "start_minute", "end_minute")
    exceptions = (DayHours(ExceptionKind(day[0]), *day[1:]) for day in days)
    return Hours(ZoneInfo(mentor.timezone), tuple(WeeklyHours(*rule) for rule in rules), tuple(exceptions))


def live_around(mentor: Mentor, window: Span) -> list[MentorSession]:
    """The mentor's live sessions that touch a window, buffers included, or begin on one of its days."""
    wide = Span(window.start - _DAY - _LONGEST_BUFFER, window.end + _DAY + _LONGEST_BUFFER)
    return list(MentorSession.objects.live().filter(mentor_id=mentor.id).starting_around(wide))


def held_by(mentor: Mentor, session: Span) -> Span:
    """The time for which a session would hold a mentor."""
    before, after = (timedelta(minutes=each) for each in (mentor.buffer_before_minutes, mentor.buffer_after_minutes))
    return Span(session.start - before, session.end + after)


def full_days(mentor: Mentor, sessions: Iterable[MentorSession]) -> set[date]:
    """The days, by the mentor's clock, on which so many sessions begin that no more may."""
    zone = ZoneInfo(mentor.timezone)
    begun = Counter(session.starts_at.astimezone(zone).date() for session in sessions)
    return {day for day, count in begun.items() if mentor.max_per_day and count >= mentor.max_per_day}


def check_duration(mentor: Mentor, minutes: int) -> None:
    """Raises: Invalid, where the mentor offers no sessions of so many minutes."""
    if minutes not in mentor.durations:
        offered = ", ".join(map(str, mentor.durations))
        raise Invalid.field("duration_minutes", f"Choose one of {offered} minutes.", "not_offered")


def _kept_offer(mentor_id: UUID, window: Span, minutes: int | None) -> Offer:
    version = availability_version(mentor_id)  # first: what is read after it is as new, or newer
    span = f"{window.start.timestamp():.0f}:{window.end.timestamp():.0f}"
    key = f"mentors:availability:{mentor_id}:{version}:{span}:{minutes or ''}"
    offer: Offer | None = cache.get(key)
    if offer is None:
        mentor: Mentor | None = Mentor.objects.public().filter(id=mentor_id).first()
        if mentor is None:
            raise NotFound
        offer = _offer(mentor, window, minutes or mentor.durations[0])
        cache.set(key, offer, KEPT_FOR)
    return offer


def _offer(mentor: Mentor, window: Span, minutes: int) -> Offer:
    check_duration(mentor, minutes)
    sessions = live_around(mentor, window)
    open_ = open_spans(hours_of(mentor, window), window) if mentor.is_accepting else []
    free = without(open_, (_in_the_way(mentor, session) for session in sessions))
    full, zone = full_days(mentor, sessions), ZoneInfo(mentor.timezone)
    starts = slot_starts(free, duration=timedelta(minutes=minutes), every=mentor.slot_minutes, zone=zone)
    return Offer(
        minutes,
        timedelta(minutes=mentor.notice_minutes),
        timedelta(days=mentor.horizon_days),
        [start for start in starts if not full or start.astimezone(zone).date() not in full],
        kept_from(mentor.user_id),
    )


def _in_the_way(mentor: Mentor, booked: MentorSession) -> Span:
    """The time that no other session may touch: the buffers of both are kept."""
    before, after = (timedelta(minutes=each) for each in (mentor.buffer_before_minutes, mentor.buffer_after_minutes))
    return Span(booked.held_from - after, booked.held_until + before)
