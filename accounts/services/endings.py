"""Ending sessions, for whatever reason.

Everything that ends one comes here, and takes the same row locks as rotation does: whichever is first, a refresh
never outlives the end.
"""

from django.db.models import F, QuerySet
from django.utils import timezone

from access.services import record
from access.types import Outcome
from accounts import liveness
from accounts.events import SessionEnded
from accounts.models import DeviceSession
from accounts.types import EndReason
from events.services import publish


def end(sessions: QuerySet[DeviceSession], reason: EndReason) -> int:
    """End sessions for good and say how many, in the caller's transaction. Their tokens die as it commits."""
    doomed = list(sessions.filter(revoked_at=None).select_for_update(no_key=True, of=("self",)).order_by("id"))
    ids = [session.id for session in doomed]
    if not ids:
        return 0
    now = timezone.now()
    DeviceSession.objects.filter(id__in=ids).update(
        revoked_at=now, revoked_reason=reason, updated_at=now, rev=F("rev") + 1
    )
    for session in doomed:
        _tell(session, reason)
    liveness.mark_ended(ids)
    return len(ids)


def _tell(session: DeviceSession, reason: EndReason) -> None:
    action = {EndReason.LOGOUT: "logout", EndReason.REUSE: "refresh.reused"}.get(reason, "session.revoked")
    outcome: Outcome = "failure" if reason is EndReason.REUSE else "success"
    record(
        action=action,
        outcome=outcome,
        user_id=session.user_id,
        target_type="session",
        target_id=session.id,
        reason=reason,
    )
    publish(
        SessionEnded(aggregate_id=session.id, user_id=session.user_id, device_id=session.device_id, reason=reason),
        actor_id=session.user_id,
    )
