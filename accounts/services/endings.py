"""Ending sessions, for whatever reason.

Everything that ends one comes here, and takes the same row locks as rotation does: whichever is first, a refresh
never outlives the end.
"""

from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from access.services import forget_grants, record
from access.types import Outcome
from accounts import liveness
from accounts.events import SessionEnded
from accounts.models import BiometricKey, Challenge, DeviceSession, MailedToken, User
from accounts.types import ChallengePurpose, EndReason, Purpose
from core.broadcast import broadcast
from core.db.changes import save_changes
from core.db.instances import fetch_instances
from events.services import publish

ENDED_TOPIC = "sessions.ended"  # `session_ids` and `reason`; open sockets of these sessions close


def end(*, actor: UUID, sessions: QuerySet[DeviceSession], reason: EndReason) -> int:
    """End sessions for good and say how many, in the caller's transaction. Their tokens die as it commits.

    `actor` is the id of who ends them: the owner, or staff.
    """
    doomed = fetch_instances(sessions.filter(revoked_at=None).select_for_update(no_key=True).order_by("id"))
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
    broadcast(ENDED_TOPIC, {"session_ids": [str(each) for each in ids], "reason": reason})
    return len(ids)


def start_over(
    *, user: User, reason: EndReason, actor: UUID | None = None, keep: UUID | None = None
) -> DeviceSession | None:
    """Void what a locked user proved before now: other sessions end, sign-ins in progress fail, so do mailed codes and
    links that sign in or set a password, biometric keys of other devices die. The session `keep` goes on with access
    tokens issued from here on, and is returned, if it has not just ended. `actor` is who wants it, if that is not the
    user.
    """
    before = user.security_version
    save_changes(user, security_version=before + 1)
    own = DeviceSession.objects.of(user.id)
    # All of them at once and in their order, as everybody locks sessions.
    live = own.filter(revoked_at=None).select_for_update(no_key=True).order_by("id")
    kept = next((session for session in list(live) if session.id == keep), None)
    end(actor=actor or user.id, sessions=own.exclude(id=keep), reason=reason)
    _void_mails(user)
    forget_grants(user.id)
    if kept is None:
        return None
    keys = BiometricKey.objects.filter(device_id=kept.device_id, security_version=before)
    keys.update(security_version=user.security_version, rev=F("rev") + 1)
    goes_on: DeviceSession = save_changes(kept, security_version=user.security_version)
    return goes_on


def _void_mails(user: User) -> None:
    """Let nothing that was mailed so far open the account. What is asked for from here on is mailed later."""
    Challenge.objects.filter(user=user, purpose=ChallengePurpose.PASSWORDLESS).delete()
    MailedToken.objects.filter(user=user, purpose=Purpose.RESET_PASSWORD).delete()


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
