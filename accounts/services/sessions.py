"""Beginning sessions, and ending one's own."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access.services import record
from access.types import CHANNELS, Principal
from accounts.errors import InvalidCredentials
from accounts.lifetimes import lifetimes_of
from accounts.models import Device, DeviceSession, User
from accounts.services.devices import recognise
from accounts.services.endings import end
from accounts.types import AUDIENCES, DeviceClaim, EndReason
from core import context
from core.db.binary import fetch_rows
from core.db.instances import insert
from core.errors import NotFound
from core.http.access import Audience


def start(*, user: User, claim: DeviceClaim, amr: str, audience: Audience | None = None) -> DeviceSession:
    """Begin a session on the claimed device, for a user who has just proved who they are.

    Raises:
        InvalidCredentials: since the proof the account was closed or its password changed.
    """
    with transaction.atomic():
        _hold(user)
        device = recognise(user=user, claim=claim)
        _make_room(user)
        session = _create(user, device, audience or AUDIENCES[claim.platform], amr)
        bind(session)
        record(action="login.success", outcome="success", user_id=user.id, amr=amr)
        return session


def sign_out(*, actor: Principal, everywhere: bool = False) -> None:
    """End the caller's session, or all that they have."""
    own = DeviceSession.objects.of(actor.user_id)
    with transaction.atomic():
        ending = own if everywhere else own.filter(id=actor.session_id)
        end(actor=actor.user_id, sessions=ending, reason=EndReason.LOGOUT)


def revoke(*, actor: Principal, session_id: UUID) -> None:
    """End one of the caller's sessions, on whichever device.

    Raises:
        NotFound: the caller has no such live session.
    """
    with transaction.atomic():
        own = DeviceSession.objects.of(actor.user_id).live().filter(id=session_id)
        if not end(actor=actor.user_id, sessions=own, reason=EndReason.REVOKED):
            raise NotFound


def _hold(user: User) -> None:
    """Lock the user's row, if it is still as it was when they proved who they are."""
    same = User.objects.filter(id=user.id, is_active=True, security_version=user.security_version)
    if not fetch_rows(same.select_for_update(no_key=True), ["id"]):
        raise InvalidCredentials


def _make_room(user: User) -> None:
    """End the sessions longest unused, so that with a new one there are not too many."""
    latest = DeviceSession.objects.of(user.id).live().order_by("-rotated_at", "-id")
    surplus = fetch_rows(latest[settings.MAX_SESSIONS_PER_USER - 1 :], ["id"])
    if surplus:
        evicted = DeviceSession.objects.filter(id__in=[row[0] for row in surplus])
        end(actor=user.id, sessions=evicted, reason=EndReason.EVICTED)


def _create(user: User, device: Device, audience: Audience, amr: str) -> DeviceSession:
    now = timezone.now()
    limits = lifetimes_of(audience)
    known = context.current()
    session = DeviceSession(
        user=user,
        device=device,
        audience=audience,
        amr=amr,
        auth_time=now,
        security_version=user.security_version,
        rotated_at=now,
        idle_expires_at=now + limits.idle,
        expires_at=now + limits.absolute,
        ip_address=known.client_ip or None,
        user_agent=known.user_agent,
    )
    return insert(session)


def bind(session: DeviceSession) -> None:
    """From here on, what this request writes is this session's doing."""
    context.bind(
        channel=CHANNELS[Audience(session.audience)],
        user_id=str(session.user_id),
        session_id=str(session.id),
        device_id=str(session.device_id),
    )
