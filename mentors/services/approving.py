"""What staff decide about mentors. The role, and with it the scope, follows the decision in one transaction."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.services import grant_role, record, revoke_role
from core.contributions.scopes import Persona
from core.db.changes import lock, save_changes
from events.services import publish
from mentors.errors import InvalidState, OwnApplication
from mentors.events import MentorApproved, MentorEvent, MentorRejected, MentorSuspended
from mentors.models import Mentor
from mentors.services.withholding import withhold
from mentors.types import MentorStatus


@transaction.atomic
def approve_mentor(*, actor_id: UUID | None, mentor_id: UUID, note: str = "") -> Mentor:
    """Let somebody mentor who applied or was suspended.

    Raises:
        NotFound: nobody with this id has applied.
        OwnApplication: it is the actor.
        InvalidState: they were approved, or rejected.
    """
    mentor = _decide(mentor_id, MentorStatus.APPROVED, {MentorStatus.PENDING, MentorStatus.SUSPENDED}, actor_id, note)
    grant_role(actor=actor_id, user_id=mentor.user_id, role=Persona.MENTOR, reason=note or "approved as a mentor")
    withhold(mentor)  # as long as their account is closed, an approval makes nobody a mentor
    _tell(MentorApproved(aggregate_id=mentor.id), mentor, actor_id, note)
    return mentor


@transaction.atomic
def reject_mentor(*, actor_id: UUID | None, mentor_id: UUID, note: str) -> Mentor:
    """Turn an application down.

    Raises:
        NotFound, OwnApplication, InvalidState: as in `approve_mentor`.
    """
    mentor = _decide(mentor_id, MentorStatus.REJECTED, {MentorStatus.PENDING}, actor_id, note)
    _tell(MentorRejected(aggregate_id=mentor.id, reason=note), mentor, actor_id, note)
    return mentor


@transaction.atomic
def suspend_mentor(*, actor_id: UUID | None, mentor_id: UUID, note: str) -> Mentor:
    """Take an approval back. Sessions that are booked stay, and both sides may still cancel them.

    Raises:
        NotFound, OwnApplication, InvalidState: as in `approve_mentor`.
    """
    mentor = _decide(mentor_id, MentorStatus.SUSPENDED, {MentorStatus.APPROVED}, actor_id, note)
    revoke_role(actor=actor_id, user_id=mentor.user_id, role=Persona.MENTOR, reason=note)
    _tell(MentorSuspended(aggregate_id=mentor.id, reason=note), mentor, actor_id, note)
    return mentor


def _decide(
    mentor_id: UUID, status: MentorStatus, before: set[MentorStatus], actor_id: UUID | None, note: str
) -> Mentor:
    mentor: Mentor = lock(Mentor.objects.all(), id=mentor_id)
    if mentor.user_id == actor_id:
        raise OwnApplication
    if mentor.status not in before:
        raise InvalidState(f"A mentor who is {mentor.status} cannot become {status}.")
    return save_changes(mentor, status=status.value, decided_at=timezone.now(), decided_by=actor_id, decision_note=note)


def _tell(event: MentorEvent, mentor: Mentor, actor_id: UUID | None, note: str) -> None:
    record(action=event.name, outcome="success", user_id=actor_id, target_type="user", target_id=mentor.id, reason=note)
    publish(event, actor_id=actor_id)
