"""The personal data of mentoring."""

from django.db.models import Q

from core.contributions.privacy import Basis, Category, Goes, Perform, data, personal
from mentors import services
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession

WHILE_MENTORING = "until the person deletes it or their account"
KEPT = "The session belongs to the other side, too; it names nobody who has left."

personal(
    MentorSession,
    "mentor_sessions",
    of=lambda user_id: Q(mentor=user_id) | Q(mentee=user_id),
    purpose="Let people meet mentors.",
    basis=Basis.CONTRACT,
    retention="as long as one of the two has an account",
    shared_with=("the other side of the session",),
    erase=Goes("mentors"),
    data=[
        data(Category.IDENTITY, "mentor mentee"),
        data(Category.CONTENT, "topic reason"),
        data(Category.LOCATION, "timezone"),
        data(Category.ACTIVITY, "starts_at ends_at held_from held_until status decided_at closed_at closed_by"),
        data(Category.FINANCE, "price_minor currency"),
    ],
)
personal(
    AvailabilityRule,
    "mentor_rules",
    of="mentor__user",
    purpose="Offer the times that a mentor has.",
    basis=Basis.CONTRACT,
    retention=WHILE_MENTORING,
    erase=Goes("mentors"),
    data=[data(Category.PREFERENCE, "mentor weekday start_minute end_minute first_day last_day")],
)
personal(
    AvailabilityException,
    "mentor_exceptions",
    of="mentor__user",
    purpose="Offer the times that a mentor has.",
    basis=Basis.CONTRACT,
    retention=WHILE_MENTORING,
    erase=Goes("mentors"),
    data=[
        data(Category.PREFERENCE, "mentor kind first_day last_day start_minute end_minute"),
        data(Category.CONTENT, "note"),
    ],
)
personal(
    Mentor,
    "mentors",
    of="user",
    purpose="Show a mentor to those who look for one.",
    basis=Basis.CONTRACT,
    retention="as long as the account exists",
    shared_with=("everybody who is signed in, once staff have approved it",),
    erase=Perform(services.leave, kept=KEPT, until="the other side has left, too"),
    data=[
        data(Category.IDENTITY, "user"),
        data(Category.CONTENT, "headline bio motivation expertise expertise_slugs"),
        data(Category.LOCATION, "timezone"),
        data(Category.FINANCE, "price_minor currency"),
        data(Category.ACTIVITY, "status decided_at decided_by decision_note is_withheld"),
        data(Category.PREFERENCE, "durations slot_minutes buffer_before_minutes buffer_after_minutes"),
        data(Category.PREFERENCE, "notice_minutes horizon_days max_per_day is_accepting"),
    ],
)
