"""Ending sessions, for whatever reason.

Everything that ends one comes here, and takes the same row locks as rotation does: whichever is first, a refresh
never outlives the end.
"""

from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from access.services import record
from access.types import Outcome
from accounts import liveness
from accounts.events import SessionEnded
from accounts.models import DeviceSession
from accounts.types import EndReason
from events.services import publish


def end(*, actor: UUID, sessions: QuerySet[DeviceSession], reason: EndReason) -> int:
    """End sessions for good and say how many, in the caller's transaction. Their tokens die as it commits.

    `actor` is the id of who ends them: the owner, or staff.
    """
    doomed = list(sessions.filter(revoked_at=None).select_for_update(no_key=True, of=("self",)).order_by("id"))
    ids = [session.id for session in doomed]
    if not ids:
        return 0
    now = timezone.now()
    DeviceSession.objects.filter(id__in=ids).update(
        revoked_at=now, revoked_reason=reason, updated_at=now, rev=F("rev") + 1
    )
    for session in doomed:
        _tell(actor, session, reason)
    liveness.mark_ended(ids)
    return len(ids)


def _tell(actor: UUID, session: DeviceSession, reason: EndReason) -> None:
    action = {EndReason.LOGOUT: "logout", EndReason.REUSE: "refresh.reused"}.get(reason, "session.revoked")
    outcome: Outcome = "failure" if reason is EndReason.REUSE else "success"
    record(
        action=action,
        outcome=outcome,
        user_id=actor,
        target_type="user",
        target_id=session.user_id,  # so that owners find what others did to them
        reason=reason,
        session=str(session.id),
    )
    publish(
        SessionEnded(aggregate_id=session.id, user_id=session.user_id, device_id=session.device_id, reason=reason),
        actor_id=actor,
    )
