"""What becomes of a session: approved, declined, cancelled, completed, or never answered."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.types import Principal
from mentors.errors import InvalidState
from mentors.events import (
    SessionApproved,
    SessionCancelled,
    SessionCompleted,
    SessionDeclined,
    SessionEvent,
    SessionExpired,
)
from mentors.models import MentorSession
from mentors.services.steps import become, lock_for, tell
from mentors.types import STEPS, Action, SessionStatus

BATCH = 100  # sessions per transaction


def approve_session(
    *, actor: Principal, mentor_id: UUID, session_id: UUID, expected_version: int | None = None
) -> MentorSession:
    """Agree to a session, before it begins.

    Raises:
        NotFound, PreconditionFailed, NotYourPart, InvalidState: as `steps.lock_for` says.
    """
    return _take(
        Action.APPROVE,
        SessionApproved,
        actor=actor,
        mentor_id=mentor_id,
        session_id=session_id,
        expected_version=expected_version,
    )


def decline_session(
    *, actor: Principal, mentor_id: UUID, session_id: UUID, reason: str = "", expected_version: int | None = None
) -> MentorSession:
    """Say no to a session that was asked for; its time is free again.

    Raises:
        NotFound, PreconditionFailed, NotYourPart, InvalidState: as `steps.lock_for` says.
    """
    return _take(
        Action.DECLINE,
        SessionDeclined,
        actor=actor,
        mentor_id=mentor_id,
        session_id=session_id,
        reason=reason,
        expected_version=expected_version,
    )


def cancel_session(
    *, actor: Principal, mentor_id: UUID, session_id: UUID, reason: str = "", expected_version: int | None = None
) -> MentorSession:
    """Call a session off, six hours before it begins at the latest; its time is free again.

    Raises:
        NotFound, PreconditionFailed, InvalidState, CancellationWindowClosed, Invalid: as `steps.lock_for` says.
    """
    return _take(
        Action.CANCEL,
        SessionCancelled,
        actor=actor,
        mentor_id=mentor_id,
        session_id=session_id,
        reason=reason,
        expected_version=expected_version,
    )


def complete_session(
    *, actor: Principal, mentor_id: UUID, session_id: UUID, expected_version: int | None = None
) -> MentorSession:
    """Say that a session took place, once it has begun.

    Raises:
        NotFound, PreconditionFailed, NotYourPart, InvalidState: as `steps.lock_for` says, and before it has begun.
    """
    return _take(
        Action.COMPLETE,
        SessionCompleted,
        actor=actor,
        mentor_id=mentor_id,
        session_id=session_id,
        expected_version=expected_version,
    )


def expire_sessions() -> int:
    """Let sessions go that nobody answered before they would have begun, up to a batch; how many there were."""
    with transaction.atomic():
        unanswered = MentorSession.objects.filter(status=SessionStatus.REQUESTED, starts_at__lte=timezone.now())
        expired = list(unanswered.select_for_update(skip_locked=True).order_by("starts_at")[:BATCH])
        for session in expired:
            become(session, SessionStatus.EXPIRED, None)
            tell(SessionExpired, session, None, None)
    return len(expired)


@transaction.atomic
def _take(
    action: Action,
    event: type[SessionEvent],
    *,
    actor: Principal,
    mentor_id: UUID,
    session_id: UUID,
    expected_version: int | None,
    reason: str = "",
) -> MentorSession:
    session, party = lock_for(
        action,
        actor=actor,
        mentor_id=mentor_id,
        session_id=session_id,
        expected_version=expected_version,
        reason=reason,
    )
    has_begun, status = session.starts_at <= timezone.now(), STEPS[action].after
    assert status is not None
    if action is Action.COMPLETE and not has_begun:
        raise InvalidState("A session is completed once it has begun.")
    if action is Action.APPROVE and has_begun:
        raise InvalidState("It should have begun already.")
    become(session, status, party, reason)
    tell(event, session, actor, party, reason)
    return session
