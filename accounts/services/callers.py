"""Whoever asks for a change that outlives their session."""

from access.types import Principal
from accounts.errors import SessionEnded
from accounts.models import DeviceSession, User
from core.db.changes import lock


def lock_caller(actor: Principal) -> User:
    """The user behind a request, locked with their session, which goes on.

    A request that was let in may have had to wait while its owner put the session out. If it went on, whoever had
    stolen that session would have added a way to come back.

    Raises:
        SessionEnded: in the meantime, for whatever reason.
    """
    user: User = lock(User.objects.all(), id=actor.user_id)
    own = DeviceSession.objects.of(user.id).filter(id=actor.session_id, revoked_at=None)
    if own.select_for_update(no_key=True).first() is None:
        raise SessionEnded
    return user
