"""Beginning sessions, and ending them: one's own, and by staff those of others."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from access.services import record
from access.types import CHANNELS, Principal
from accounts.errors import InvalidCredentials, SecondFactorRequired
from accounts.lifetimes import lifetimes_of
from accounts.models import Device, DeviceSession, User
from accounts.services import second_factor
from accounts.services.devices import recognise
from accounts.services.endings import end, start_over
from accounts.types import AUDIENCES, DeviceClaim, EndReason, Method, Strength, strength_of
from core import context
from core.db.changes import lock
from core.db.prepared import prepared_rows
from core.errors import NotFound
from core.http.access import Audience


def start(
    *, user: User, claim: DeviceClaim, methods: tuple[Method, ...], audience: Audience | None = None
) -> DeviceSession:
    """Begin a session on the claimed device, for a user who has just proved who they are by `methods`.

    Raises:
        InvalidCredentials: since the proof the account was closed, its password changed or the device that signed was
            removed; or the account may not be used by a client of the staff.
        SecondFactorRequired: the proof is not enough for this account; its challenge leads on.
    """
    if user.has_second_factor and strength_of(methods) < Strength.MULTI:
        raise SecondFactorRequired(challenge=second_factor.ask(user, claim, methods, audience))
    with transaction.atomic():
        _hold(user, audience)
        device = recognise(user=user, claim=claim, has_signed=Method.BIOMETRIC in methods)
        # What was counted under the lock spares looking for who should go; for a new device nothing was counted.
        if device.live_sessions is None or device.live_sessions >= settings.MAX_SESSIONS_PER_USER:
            _make_room(user, claim)
        session = _new(user, device, audience or AUDIENCES[claim.platform], methods, claim.proof_key)
        bind(session)
        record(action="login.success", outcome="success", user_id=user.id, amr=session.amr, beside=[session])
        return session


def sign_out(*, actor: Principal, everywhere: bool = False) -> None:
    """End the caller's session, or all that they have, with whatever they have begun to prove anywhere."""
    with transaction.atomic():
        if everywhere:
            start_over(user=lock(User.objects.all(), id=actor.user_id), reason=EndReason.LOGOUT)
        else:
            own = DeviceSession.objects.of(actor.user_id).filter(id=actor.session_id)
            end(actor=actor.user_id, sessions=own, reason=EndReason.LOGOUT)


def end_others(*, actor: Principal) -> None:
    """End all sessions of the caller but this one.

    Staff leave the staff site too, which is no session of this kind. That takes a new start, after which a client has
    to refresh.
    """
    with transaction.atomic():
        user = lock(User.objects.all(), id=actor.user_id)
        if user.is_staff:
            start_over(user=user, reason=EndReason.REVOKED, keep=actor.session_id)
        else:
            others = DeviceSession.objects.of(user.id).exclude(id=actor.session_id)
            end(actor=user.id, sessions=others, reason=EndReason.REVOKED)


def revoke(*, actor: Principal, session_id: UUID) -> None:
    """End one of the caller's sessions, on whichever device.

    Raises:
        NotFound: the caller has no such live session.
    """
    with transaction.atomic():
        own = DeviceSession.objects.of(actor.user_id).live().filter(id=session_id)
        if not end(actor=actor.user_id, sessions=own, reason=EndReason.REVOKED):
            raise NotFound


def put_out(*, actor: UUID, user_id: UUID, reason: str) -> None:
    """End all that somebody has signed in to, the staff site too."""
    with transaction.atomic():
        start_over(user=lock(User.objects.all(), id=user_id), actor=actor, reason=EndReason.REVOKED)
        record(
            action="user.signed_out",
            outcome="success",
            user_id=actor,
            target_type="user",
            target_id=user_id,
            reason=reason,
        )


def end_chosen(*, actor: UUID, session_ids: Collection[UUID]) -> None:
    """End sessions one by one. To whom none is left the staff site closes too, which is no session of this kind."""
    with transaction.atomic():
        chosen = DeviceSession.objects.filter(id__in=session_ids)
        owners = User.objects.filter(id__in=chosen.values("user_id")).select_for_update(no_key=True).order_by("id")
        people = list(owners)  # locked before their sessions, as everybody does
        end(actor=actor, sessions=chosen, reason=EndReason.REVOKED)
        for user in people:
            if not DeviceSession.objects.of(user.id).live().exists():
                start_over(user=user, actor=actor, reason=EndReason.REVOKED)


def may_be_admin(user: User) -> bool:
    """Whether somebody may have a session of the staff: at the door, and for as long as it goes on."""
    return user.is_staff and (user.has_second_factor or not settings.STAFF_NEEDS_SECOND_FACTOR)


def _hold(user: User, audience: Audience | None) -> None:
    """Lock the user's row, if it is still as it was when they proved who they are."""
    found = _same_user(user.id, user.security_version)
    if not found:
        raise InvalidCredentials
    user.is_staff = bool(found[0][0])  # the one thing here that changes without a new version
    if audience is Audience.ADMIN and not may_be_admin(user):
        raise InvalidCredentials


def _make_room(user: User, claim: DeviceClaim) -> None:
    """End the sessions longest unused, so that with a new one there are not too many.

    First go those that a client like this one has never used: answers to sign-ins that got lost, and were asked for
    again. A phone on a bad network may leave many of them, and must not push another phone out.
    """
    client = (claim.platform, claim.name, context.current().user_agent)
    live = [row[0] for row in _latest_first(user.id, timezone.now(), *client)]
    surplus = live[settings.MAX_SESSIONS_PER_USER - 1 :]
    if surplus:
        evicted = DeviceSession.objects.filter(id__in=surplus)
        end(actor=user.id, sessions=evicted, reason=EndReason.EVICTED)


def _new(user: User, device: Device, audience: Audience, methods: tuple[Method, ...], proof_key: str) -> DeviceSession:
    now = timezone.now()
    limits = lifetimes_of(audience)
    known = context.current()
    return DeviceSession(
        user=user,
        device=device,
        audience=audience,
        amr=" ".join(methods),
        auth_time=now,
        proved_at=now if strength_of(methods) >= enough_for(user) else None,
        proof_key=proof_key,
        security_version=user.security_version,
        rotated_at=now,
        idle_expires_at=now + limits.idle_of(proof_key),
        expires_at=now + limits.absolute,
        ip_address=known.client_ip or None,
        user_agent=known.user_agent,
    )


def enough_for(user: User) -> Strength:
    """How strong a proof has to be to count as the user's own: both factors, of whoever has two."""
    return Strength.MULTI if user.has_second_factor else Strength.SINGLE


def bind(session: DeviceSession) -> None:
    """From here on, what this request writes is this session's doing."""
    context.bind(
        channel=CHANNELS[Audience(session.audience)],
        user_id=str(session.user_id),
        session_id=str(session.id),
        device_id=str(session.device_id),
    )


@prepared_rows
def _same_user(user_id: Any, security_version: Any) -> QuerySet[Any, Any]:
    same = User.objects.filter(id=user_id, is_active=True, security_version=security_version)
    return same.select_for_update(no_key=True).values_list("is_staff")


@prepared_rows
def _latest_first(user_id: Any, now: Any, platform: Any, name: Any, user_agent: Any) -> QuerySet[Any, Any]:
    is_alike = Q(device__platform=platform, device__name=name, user_agent=user_agent)
    is_lost = ExpressionWrapper(Q(counter=0, confirmed=False) & is_alike, BooleanField())
    return DeviceSession.objects.of(user_id).live(now).order_by(is_lost, "-rotated_at", "-id").values_list("id")
