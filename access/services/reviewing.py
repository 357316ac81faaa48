"""Four eyes: what gives staff powers waits until an admin approves it who neither asked for it nor gets it.

The database holds that rule too. A request says what was asked for; whether both admins may is decided anew when it
is approved, by what they and the role hold then.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from access.errors import FourEyesRequired, MembersAdded, RequestClosed, RequestWaiting, UserInactive
from access.events import AccessRequestDecided, AccessRequested
from access.models import AccessRequest, Scope
from access.policy import is_staff_scope
from access.reach import check_may_give, check_may_govern
from access.selectors import get_role, grants_of, scopes_of_role
from access.services.roles import change_role, grant_role, hold_roles
from access.trail import record
from core.db.changes import lock, save_changes
from core.errors import Forbidden
from events.services import publish

OPEN_FOR = timedelta(days=3)
Status, Kind = AccessRequest.Status, AccessRequest.Kind


def open_request(
    *, actor: UUID, kind: str, role: str, user_id: UUID | None, scopes: Sequence[str], reason: str
) -> AccessRequest:
    """Ask a second admin, in the caller's transaction, which holds the role.

    Raises:
        RequestWaiting: the same is already asked for.
    """
    _expire(AccessRequest.objects.filter(kind=kind, role=role, user_id=user_id))
    if AccessRequest.objects.waiting().filter(kind=kind, role=role, user_id=user_id).exists():
        raise RequestWaiting
    asked: AccessRequest = AccessRequest.objects.create(
        kind=kind,
        role=role,
        user_id=user_id,
        scopes=list(scopes),
        reason=reason,
        newest_member=_newest_member(role),
        requested_by=actor,
        expires_at=timezone.now() + OPEN_FOR,
    )
    _tell("role.requested", asked, actor, reason)
    publish(
        AccessRequested(aggregate_id=asked.id, kind=asked.kind, role=role, user_id=user_id, reason=reason),
        actor_id=actor,
    )
    return asked


def approve(*, actor: UUID, request_id: UUID, note: str = "") -> AccessRequest:
    """Let a request take effect.

    Raises:
        NotFound: there is no such request.
        RequestClosed: it was decided, or has expired.
        FourEyesRequired: the actor asked for it, or would get it.
        RoleOutOfReach: the actor, or by now whoever asked, may not give that much.
        MembersAdded: somebody would get staff powers who did not hold the role when they were asked for.
        UserInactive: the account of whoever would get the role is closed.
    """
    with refusals_on_record(actor, "request", request_id), transaction.atomic():
        hold_roles(_role_of(request_id))
        asked = _lock_open(request_id)
        if actor in {asked.requested_by, asked.user_id}:
            raise FourEyesRequired
        check_may_govern(grants_of(actor))
        effect = _scopes_of(asked)
        for person in (actor, asked.requested_by):
            check_may_give(grants_of(person), effect)
        _check_who_gets_it(asked, effect)
        _decide(asked, Status.APPROVED, actor, note)
        _take_effect(asked, actor)
    return asked


def reject(*, actor: UUID, request_id: UUID, note: str) -> AccessRequest:
    """Close a request without effect; whoever asked withdraws it by this.

    Raises:
        NotFound: there is no such request.
        RequestClosed: it was decided, or has expired.
        RoleOutOfReach: the actor is no admin, and did not ask for it.
    """
    with refusals_on_record(actor, "request", request_id), transaction.atomic():
        asked = _lock_open(request_id)
        if actor == asked.requested_by:
            _decide(asked, Status.WITHDRAWN, actor, note)
            return asked
        check_may_govern(grants_of(actor))
        _decide(asked, Status.REJECTED, actor, note)
    return asked


def makes_staff_soon(role: str) -> bool:
    """Whether an everyday role, which the transaction holds, becomes the staff's once a waiting request is approved."""
    waiting = AccessRequest.objects.waiting().filter(kind=Kind.WIDEN, role=role, expires_at__gt=timezone.now())
    return any(is_staff_scope(scope) for asked in waiting for scope in asked.scopes)


def expire_requests() -> int:
    """Close what nobody decided in time; returns how many."""
    with transaction.atomic():
        return _expire(AccessRequest.objects.all())


@contextmanager
def refusals_on_record(actor: UUID, target_type: str, target_id: UUID | str) -> Iterator[None]:
    """Put on record that somebody tried what they may not; it stays, though their transaction does not."""
    try:
        yield
    except Forbidden as error:
        record(
            action="role.refused",
            outcome="denied",
            user_id=actor,
            target_type=target_type,
            target_id=target_id,
            reason=error.code,
            **error.extra,
        )
        raise


def _role_of(request_id: UUID) -> str:
    return AccessRequest.objects.filter(id=request_id).values_list("role", flat=True).first() or ""


def _lock_open(request_id: UUID) -> AccessRequest:
    asked: AccessRequest = lock(AccessRequest.objects.all(), id=request_id)
    if asked.status != Status.WAITING or asked.expires_at <= timezone.now():
        raise RequestClosed
    return asked


def _scopes_of(asked: AccessRequest) -> frozenset[str]:
    """What it gives, as the role stands now."""
    held = scopes_of_role(asked.role)
    return held | frozenset(asked.scopes)


def _check_who_gets_it(asked: AccessRequest, effect: frozenset[str]) -> None:
    """Everybody who would get it was there to be looked at when it was asked for, and still is."""
    if asked.user_id is not None:
        people = get_user_model().objects.filter(pk=asked.user_id, is_active=True)
        if not people.select_for_update(no_key=True).exists():
            raise UserInactive
    elif any(map(is_staff_scope, effect)) and _newest_member(asked.role) > asked.newest_member:
        raise MembersAdded


def _newest_member(role: str) -> int:
    """The key of a role's latest membership: keys only grow, so a higher one tells of somebody new."""
    members = get_user_model().groups.through.objects.filter(group__name=role)
    return members.aggregate(newest=Max("pk"))["newest"] or 0


def _take_effect(asked: AccessRequest, actor: UUID) -> None:
    if asked.user_id is not None:
        by = {"requested_by": str(asked.requested_by), "request": str(asked.id)}
        grant_role(actor=actor, user_id=asked.user_id, role=asked.role, reason=asked.reason, **by)
        return
    role: Any = get_role(asked.role)
    added = Scope.objects.filter(codename__in=asked.scopes).values_list("pk", flat=True)
    change_role(actor=actor, role=role, permissions={*role.permissions.values_list("pk", flat=True), *added})


def _decide(asked: AccessRequest, status: str, actor: UUID, note: str) -> None:
    decider = None if status == Status.WITHDRAWN else actor
    save_changes(asked, status=status, decided_by=decider, decided_at=timezone.now(), note=note)
    _tell(f"role.request_{status}", asked, actor, note)
    publish(AccessRequestDecided(aggregate_id=asked.id, status=status), actor_id=actor)


def _expire(requests: Any) -> int:
    overdue = list(requests.waiting().filter(expires_at__lte=timezone.now()).select_for_update(no_key=True))
    for asked in overdue:
        save_changes(asked, status=Status.EXPIRED, decided_at=timezone.now())
        _tell("role.request_expired", asked, None, "")
        publish(AccessRequestDecided(aggregate_id=asked.id, status=Status.EXPIRED))
    return len(overdue)


def _tell(action: str, asked: AccessRequest, actor: UUID | None, reason: str) -> None:
    record(
        action=action,
        outcome="success",
        user_id=actor,
        target_type="user" if asked.user_id else "role",
        target_id=asked.user_id or asked.role,
        reason=reason,
        request=str(asked.id),
        role=asked.role,
        scopes=asked.scopes,
    )
