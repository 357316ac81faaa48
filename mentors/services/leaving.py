"""Taking somebody who closes their account out of mentoring."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from core.db.changes import save_changes
from mentors.events import SessionCancelled, SessionRedacted
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession
from mentors.services.steps import become, party_of, tell
from mentors.types import Party, SessionStatus

REASON = "An account was closed."


@transaction.atomic
def leave(user_id: UUID) -> int:
    """Cancel what is still to come, and forget what was said; the number of rows. Safe to run again.

    What took place stays between the two, without its words: the other side's history, and what was paid for.
    """
    count = _forget_words(user_id)
    mine = MentorSession.objects.filter(Q(mentor_id=user_id) | Q(mentee_id=user_id)).order_by("id")
    for session in mine.live().select_for_update():
        become(session, SessionStatus.CANCELLED, party_of(session, user_id), REASON)
        tell(SessionCancelled, session, None, party_of(session, user_id), REASON)
    for model in (AvailabilityRule, AvailabilityException):
        count += model._default_manager.filter(mentor_id=user_id).delete()[0]
    blank = {"bio": "", "motivation": "", "expertise": [], "expertise_slugs": "", "decision_note": ""}
    kept = Mentor.objects.filter(id=user_id)
    return count + kept.update(status="suspended", headline="", is_accepting=False, price_minor=0, **blank)


def _forget_words(user_id: UUID) -> int:
    """A topic is the mentee's, a reason of whoever ended the session; of what a mentee was told, nothing stays."""
    of_mentee = Q(mentee_id=user_id) & ~Q(topic="", reason__in=("", REASON))
    of_mentor = Q(mentor_id=user_id, closed_by=Party.MENTOR) & ~Q(reason__in=("", REASON))
    spoken = MentorSession.objects.filter(of_mentee | of_mentor).order_by("id").select_for_update()
    for session in spoken:
        save_changes(session, reason="", topic="" if session.mentee_id == user_id else session.topic)
        tell(SessionRedacted, session, None, party_of(session, user_id))
    return len(spoken)
