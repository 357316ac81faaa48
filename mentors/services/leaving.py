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

    What took place stays between the two, without its words: the other side's history, and what was paid for. It goes
    with the second of them.
    """
    _lock_mentors(user_id)
    count = _forget_words(user_id)
    mine = MentorSession.objects.filter(Q(mentor_id=user_id) | Q(mentee_id=user_id)).order_by("id")
    for session in mine.live().select_for_update():
        become(session, SessionStatus.CANCELLED, party_of(session, user_id), REASON)
        tell(SessionCancelled, session, None, party_of(session, user_id), REASON)
    for model in (AvailabilityRule, AvailabilityException):
        count += model._default_manager.filter(mentor_id=user_id).delete()[0]
    count += _delete_what_is_nobodys(user_id)
    blank = {"bio": "", "motivation": "", "expertise": [], "expertise_slugs": "", "decision_note": ""}
    kept = Mentor.objects.filter(id=user_id)
    return count + kept.update(status="suspended", headline="", is_accepting=False, price_minor=0, **blank)


def _lock_mentors(user_id: UUID) -> None:
    """Lock the mentors concerned before their sessions, as booking does."""
    met = MentorSession.objects.filter(mentee_id=user_id).values("mentor_id")
    concerned = Mentor.objects.filter(Q(id=user_id) | Q(id__in=met))
    list(concerned.select_for_update(of=("self",)).order_by("id").values_list("id"))


def _delete_what_is_nobodys(user_id: UUID) -> int:
    """Sessions whose other side has closed their account before, and the mentors of whom nothing is left.

    Of two who leave at once, the one that is erased last finds the other's account closed.
    """
    met_a_mentor = Q(mentee_id=user_id, mentor__user__closed_at__isnull=False)
    met_a_mentee = Q(mentor_id=user_id, mentee__closed_at__isnull=False)
    left = dict(MentorSession.objects.filter(met_a_mentor | met_a_mentee).values_list("id", "mentor_id"))
    count = MentorSession.objects.filter(id__in=left).delete()[0]
    gone = Q(id=user_id) | Q(id__in=set(left.values()), user__closed_at__isnull=False)
    return count + Mentor.objects.filter(gone, sessions=None).delete()[0]


def _forget_words(user_id: UUID) -> int:
    """A topic is the mentee's, a reason of whoever ended the session; of what a mentee was told, nothing stays."""
    of_mentee = Q(mentee_id=user_id) & ~Q(topic="", reason__in=("", REASON))
    of_mentor = Q(mentor_id=user_id, closed_by=Party.MENTOR) & ~Q(reason__in=("", REASON))
    spoken = MentorSession.objects.filter(of_mentee | of_mentor).order_by("id").select_for_update()
    for session in spoken:
        save_changes(session, reason="", topic="" if session.mentee_id == user_id else session.topic)
        tell(SessionRedacted, session, None, party_of(session, user_id))
    return len(spoken)
