"""A believable mentor with hours and sessions, for development only: through the services, as if it happened today."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.selectors import find_by_email
from core.contributions.demo import Progress, demo_data
from core.db.instances import insert, insert_all
from core.money import Money
from core.timezones import moment_of
from events.services import publish
from mentors import services
from mentors.availability import held_by
from mentors.events import SessionApproved, SessionCancelled, SessionCompleted, SessionEvent, SessionRequested
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession
from mentors.services.applying import columns_of
from mentors.services.booking import price_of
from mentors.types import LIVE, ExceptionKind, Party, ProfileFields, SessionStatus, Span

_PROFILE: ProfileFields = {
    "headline": "Product designer who has priced a hundred projects",
    "bio": "Fifteen years of freelancing in New York. I help with portfolios, pricing and the first hard client.",
    "expertise": [
        {"slug": "pricing", "label": "Pricing", "weight": 1.0},
        {"slug": "portfolio", "label": "Portfolio", "weight": 0.8},
        {"slug": "product-design", "label": "Product design", "weight": 0.6},
    ],
    "price": Money(90_00, "USD"),
    "durations": [30, 60],
    "buffer_after_minutes": 15,
    "notice_minutes": 720,
    "max_per_day": 4,
}
_WEEK = ((1, 9, 12), (1, 13, 17), (2, 9, 12), (3, 13, 19), (4, 9, 12), (5, 10, 14))  # weekday, from, to
_SESSIONS = (  # days from today, hour, mailbox, topic, status
    (-14, 10, "freelancer", "Pricing a redesign", SessionStatus.COMPLETED),
    (-7, 10, "client", "Writing a brief", SessionStatus.COMPLETED),
    (-5, 14, "freelancer", "Portfolio review", SessionStatus.CANCELLED),
    (3, 10, "freelancer", "Portfolio review", SessionStatus.APPROVED),
    (4, 14, "client", "Hiring a designer", SessionStatus.REQUESTED),
)
_TOLD: dict[SessionStatus, type[SessionEvent]] = {
    SessionStatus.REQUESTED: SessionRequested,
    SessionStatus.APPROVED: SessionApproved,
    SessionStatus.CANCELLED: SessionCancelled,
    SessionStatus.COMPLETED: SessionCompleted,
}


@demo_data("mentors", order=40)
def seed_demo_mentors(progress: Progress) -> None:
    person = find_by_email("mentor@demo.gigvora.com")
    if person is not None and not Mentor.objects.filter(id=person.pk).exists():
        with transaction.atomic():
            _seed(person)
    progress(1.0)


def _seed(person: Any) -> None:
    mentor = Mentor(id=person.pk, user=person, timezone=person.timezone, **columns_of(_PROFILE))
    insert(mentor)
    services.approve_mentor(actor_id=None, mentor_id=mentor.id, note="demo")
    insert_all(
        [
            AvailabilityRule(mentor=mentor, weekday=weekday, start_minute=start * 60, end_minute=end * 60)
            for weekday, start, end in _WEEK
        ]
    )
    away = timezone.now().date() + timedelta(days=21)
    AvailabilityException.objects.create(
        mentor=mentor, kind=ExceptionKind.CLOSED, first_day=away, last_day=away + timedelta(days=4), note="Conference"
    )
    for days, hour, mailbox, topic, status in _SESSIONS:
        mentee = find_by_email(f"{mailbox}@demo.gigvora.com")
        if mentee is not None:
            _add_session(mentor, mentee, _at(days, hour, ZoneInfo(mentor.timezone)), topic, status)


def _add_session(mentor: Mentor, mentee: Any, start: datetime, topic: str, status: SessionStatus) -> None:
    span = Span(start, start + timedelta(minutes=60))
    held, now = held_by(mentor, span), timezone.now()
    session = MentorSession(
        mentor=mentor,
        mentee=mentee,
        starts_at=span.start,
        ends_at=span.end,
        held_from=held.start,
        held_until=held.end,
        timezone=mentee.timezone,
        topic=topic,
        status=status,
        price_minor=price_of(mentor, 60),
        currency=mentor.currency,
        closed_at=None if status in LIVE else now,
        closed_by="" if status in LIVE else Party.MENTOR,
    )
    insert(session)
    publish(_TOLD[status].of(session, mentor.timezone))


def _at(days: int, hour: int, zone: ZoneInfo) -> datetime:
    """A full hour so many days from today, or on the Monday after, where that is a weekend."""
    day = timezone.now().astimezone(zone).date() + timedelta(days=days)
    day += timedelta(days=max(0, 8 - day.isoweekday()) if day.isoweekday() > 5 else 0)
    return moment_of(datetime.combine(day, time(hour)), zone)
