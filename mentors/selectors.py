"""Reading mentors, their hours and sessions. Who may see what is decided in `managers.py`."""

from uuid import UUID

from django.db.models import QuerySet

from access.selectors import grants_of
from access.types import Principal
from core.contributions.scopes import Persona
from core.errors import NotFound
from events.selectors import version_of
from mentors.feed import BOOKINGS, MENTORS, SESSIONS
from mentors.managers import MentorQuerySet, SessionQuerySet
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession
from mentors.types import OVERRIDE, Party


def mentors_version() -> str:
    """What changes whenever any mentor's profile does. Read it before the rows."""
    return version_of(scopes=["all"], collections=[MENTORS])


def list_mentors(principal: Principal) -> MentorQuerySet:
    """Everybody whom the caller can book, or who is pausing."""
    mentors: MentorQuerySet = Mentor.objects.visible_to(principal)
    return mentors


def find_public(mentor_id: UUID) -> Mentor | None:
    """A mentor whoever blocks whom: a block is no shelter from reports."""
    found: Mentor | None = Mentor.objects.public().filter(id=mentor_id).first()
    return found


def may_mentor(user_id: UUID) -> bool:
    """Whether somebody may mentor at this moment: their account is open, and they hold the role. One query."""
    return Persona.MENTOR in grants_of(user_id).roles


def get_own_profile(principal: Principal) -> Mentor:
    """The caller's own profile, wherever their application stands.

    Raises:
        NotFound: they have not applied.
    """
    found: Mentor | None = Mentor.objects.filter(id=principal.user_id).first()
    if found is None:
        raise NotFound("You have not applied to be a mentor.")
    return found


def list_rules(principal: Principal) -> QuerySet[AvailabilityRule]:
    return AvailabilityRule.objects.filter(mentor_id=principal.user_id)


def list_exceptions(principal: Principal) -> QuerySet[AvailabilityException]:
    return AvailabilityException.objects.filter(mentor_id=principal.user_id)


def list_sessions(principal: Principal, party: Party | None = None) -> SessionQuerySet:
    """The caller's sessions: on both sides, or on one of them. A support lead sees all."""
    sessions: SessionQuerySet = MentorSession.objects.visible_to(principal)
    if party is Party.MENTOR:
        return sessions.filter(mentor_id=principal.user_id)
    return sessions.filter(mentee_id=principal.user_id) if party is Party.MENTEE else sessions


def list_sessions_with(principal: Principal, mentor_id: UUID) -> SessionQuerySet:
    """The caller's sessions with one mentor; for the mentor, all of theirs."""
    return list_sessions(principal).filter(mentor_id=mentor_id)


def sessions_version(principal: Principal) -> str | None:
    """What changes whenever a session of the caller's does; unknown for who sees everybody's."""
    if OVERRIDE in principal.scopes:
        return None
    return version_of(scopes=[f"u:{principal.user_id}"], collections=[SESSIONS, BOOKINGS])
