"""What every step of a session has in common: who acts, whether they may now, and who is told."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from access.services import record
from access.types import Principal
from core.db.changes import lock, save_changes
from core.errors import Invalid
from events.services import publish
from mentors.errors import CancellationWindowClosed, InvalidState, NotYourPart
from mentors.events import SessionEvent
from mentors.models import Mentor, MentorSession
from mentors.types import CANCELLATION_WINDOW, STEPS, Action, Party, SessionStatus


def lock_for(
    action: Action, *, actor: Principal, mentor_id: UUID, session_id: UUID, expected_version: int | None, reason: str
) -> tuple[MentorSession, Party]:
    """Lock a session on which the actor may take this step now, and say who they are to it.

    Raises:
        NotFound: the actor sees no such session.
        PreconditionFailed: it is no longer in `expected_version`.
        NotYourPart: the other side takes this step.
        InvalidState: the session does not stand where this step begins.
        CancellationWindowClosed: it is too late, for the mentor and the mentee alike.
        Invalid: a support lead gives no reason.
    """
    visible = MentorSession.objects.visible_to(actor).filter(mentor_id=mentor_id)
    session: MentorSession = lock(visible, expected_version=expected_version, id=session_id)
    party, step = party_of(session, actor.user_id), STEPS[action]
    if party not in step.by:
        raise NotYourPart
    if session.status not in step.before:
        raise InvalidState(f"A session that is {session.status} cannot be treated like that.")
    if party is Party.SUPPORT and not reason:
        raise Invalid.field("reason", "Say why you step in: it is recorded.", "required")
    until = session.starts_at - CANCELLATION_WINDOW
    if step.in_time and party is not Party.SUPPORT and timezone.now() > until:
        raise CancellationWindowClosed(cancellable_until=until)
    return session, party


def party_of(session: MentorSession, user_id: UUID) -> Party:
    """Who somebody who sees a session is to it."""
    sides = {session.mentor_id: Party.MENTOR, session.mentee_id: Party.MENTEE}
    return sides.get(user_id, Party.SUPPORT)


def become(session: MentorSession, status: SessionStatus, party: Party | None, reason: str = "") -> None:
    """Give a locked session a status that ends it, or the mentor's word."""
    now = timezone.now()
    if status is SessionStatus.APPROVED:
        save_changes(session, status=status.value, decided_at=now)
        return
    save_changes(session, status=status.value, closed_at=now, closed_by=party or "", reason=reason)


def tell(
    event: type[SessionEvent], session: MentorSession, actor: Principal | None, party: Party | None, reason: str = ""
) -> None:
    """Put a step on record and tell of it, in the caller's transaction."""
    details: dict[str, Any] = {"party": party.value} if party else {}
    record(
        action=event.name.replace(".", "_", 1),
        outcome="success",
        principal=actor,
        target_type="mentor_session",
        target_id=session.id,
        reason=reason,
        **details,
    )
    zone = Mentor.objects.values_list("timezone", flat=True).get(id=session.mentor_id)
    publish(event.of(session, zone), actor_id=actor.user_id if actor else None)
