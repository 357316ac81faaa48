"""Staying signed in: one refresh token for the next, and theft noticed when a used one comes back.

RFC 9700, section 4.14.2, under real networks. Requests in parallel, lost answers and stragglers all receive the
*same* successor, because it is derived from the row instead of being drawn: a client that retries is never signed
out for it. Any other return of a used token means that two parties hold the family, so it ends.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from access.services import record
from accounts import attempts
from accounts.digests import same_fingerprint
from accounts.errors import (
    DeviceMismatch,
    InvalidToken,
    SessionEnded,
    TokenReused,
    TokenSuperseded,
    TooManyAttempts,
)
from accounts.lifetimes import lifetimes_of
from accounts.models import DeviceSession
from accounts.services.endings import end
from accounts.services.sessions import bind, may_be_admin
from accounts.tokens import RefreshToken, presented_session_id
from accounts.types import EndReason
from core import context
from core.db.changes import save_changes
from core.db.prepared import prepared_instances
from core.errors import AppError
from core.http.access import Audience

STRAGGLER = timedelta(seconds=10)  # how late a parallel request may be, although the successor is in use
LOST_ANSWER = timedelta(seconds=60)  # how late a retry may be, until the successor is in use
MAX_REPLAYS = 60  # of one token; more than any burst of parallel requests
MISMATCHES = ((2, timedelta(minutes=10)),)  # one more, and the token counts as stolen
MAX_LEAD = 3  # rotations that a restored database may lack


def rotate(*, presented: str, fingerprint: str, proof_key: str = "") -> DeviceSession:
    """Exchange a refresh token: the session that returns yields its successor.

    `proof_key` is the thumbprint of a key that the sender has proved to hold.

    Raises:
        InvalidToken: not a token of ours; nothing has changed.
        DeviceMismatch: sent from another device or without its key; the third time the session has been ended.
        SessionEnded: signed out, evicted, idle for too long, too old, or of somebody who left the staff.
        TokenReused: used before; the session has been ended, its user is told.
        TokenSuperseded: it could still be sent again when the request came, but no more when its turn came.
    """
    session_id = presented_session_id(presented)
    # An error raised inside would undo the very revocation it reports, hence also `durable`.
    with transaction.atomic(durable=True):
        # The second look finds a session that was moved to another device while the first one waited for it.
        session = _locked.first(session_id) or _locked.first(session_id)
        outcome = _judge(session, presented, fingerprint, proof_key)
    if isinstance(outcome, AppError):
        raise outcome
    return outcome


def confirm(*, session_id: UUID, counter: int) -> None:
    """Note that the client has used what the last rotation gave it, so its predecessor is finally spent."""
    DeviceSession.objects.filter(id=session_id, counter=counter, confirmed=False).update(
        confirmed=True, rev=F("rev") + 1
    )


@prepared_instances
def _locked(session_id: Any) -> QuerySet[DeviceSession]:
    rows = DeviceSession.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "device")
    return rows.filter(id=session_id)


def _judge(session: DeviceSession | None, presented: str, fingerprint: str, proof_key: str) -> DeviceSession | AppError:
    if session is None:
        return InvalidToken()
    try:
        token = RefreshToken(session, presented)
    except TokenError:
        return InvalidToken()
    bind(session)
    return _objection(session, fingerprint, proof_key) or _step(session, token.counter)


def _objection(session: DeviceSession, fingerprint: str, proof_key: str) -> AppError | None:
    if reason := _why_over(session):
        return SessionEnded(reason=reason)
    if not same_fingerprint(session.device.fingerprint, fingerprint):
        return _mismatch(session, "fingerprint.mismatch")
    if session.proof_key and session.proof_key != proof_key:
        return _mismatch(session, "pop.mismatch")
    return None


def _mismatch(session: DeviceSession, action: str) -> AppError:
    """A token that is right, from a device that is not. Once may be a mistake; a thief tries again."""
    record(action=action, outcome="denied", target_type="session", target_id=session.id)
    try:
        attempts.ration(f"mismatch {session.id}", MISMATCHES)
    except TooManyAttempts:
        end(actor=session.user_id, sessions=DeviceSession.objects.filter(id=session.id), reason=EndReason.REUSE)
    return DeviceMismatch()


def _step(session: DeviceSession, counter: int) -> DeviceSession | AppError:
    if counter == session.counter:
        return _advance(session)
    if counter > session.counter:  # the database was restored to an earlier moment
        return _catch_up(session, counter)
    if _is_retry(session, counter):
        return save_changes(session, replays=session.replays + 1)
    if _was_retry(session, counter):
        return TokenSuperseded()
    end(actor=session.user_id, sessions=DeviceSession.objects.filter(id=session.id), reason=EndReason.REUSE)
    return TokenReused()


def _why_over(session: DeviceSession) -> str:
    now = timezone.now()
    if session.revoked_at is not None:
        return session.revoked_reason
    if not session.user.is_active or session.user.security_version != session.security_version:
        return EndReason.REVOKED
    if session.audience == Audience.ADMIN and not may_be_admin(session.user):
        return EndReason.REVOKED
    return "expired" if min(session.idle_expires_at, session.expires_at) <= now else ""


def _is_retry(session: DeviceSession, counter: int) -> bool:
    if counter != session.counter - 1 or session.replays >= MAX_REPLAYS:
        return False
    if session.proof_key and not session.confirmed:  # nobody but the client itself can have sent this
        return True
    patience = STRAGGLER if session.confirmed else LOST_ANSWER
    return timezone.now() - session.rotated_at <= patience


def _was_retry(session: DeviceSession, counter: int) -> bool:
    """Whether the last rotation came while the request waited: its client did not, and renewed twice by others.

    Who holds the token gets less than an earlier turn would have given, so that nothing is won by being late.
    """
    return counter == session.counter - 2 and context.current().began_at < session.rotated_at.timestamp()


def _catch_up(session: DeviceSession, counter: int) -> DeviceSession | AppError:
    """Believe a token that is ahead of its row, where a key has signed for it, as nobody else can have sent it."""
    if not session.proof_key or counter > session.counter + MAX_LEAD:
        return InvalidToken()
    record(action="refresh.counter_ahead", outcome="success", target_type="session", target_id=session.id)
    session.counter = counter
    return _advance(session)


def _advance(session: DeviceSession) -> DeviceSession:
    now = timezone.now()
    return save_changes(
        session,
        counter=session.counter + 1,
        confirmed=False,
        replays=0,
        rotated_at=now,
        idle_expires_at=now + lifetimes_of(Audience(session.audience)).idle_of(session.proof_key),
        ip_address=context.current().client_ip or None,
    )
