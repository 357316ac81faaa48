"""What people say of themselves, and closing or reopening an account."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction

from access.services import enforce, forget_grants, record, somebody_is_left
from access.types import Principal
from accounts import events
from accounts.models import DeviceSession, User
from accounts.services.endings import end
from accounts.types import EndReason
from core.db.changes import lock, save_changes
from core.http.access import ADMIN, MOBILE, UNSAFE_METHODS, WEB, Access
from events.services import publish

NEW_PHONE = Access(audiences=MOBILE | WEB | ADMIN, step_up=UNSAFE_METHODS)


def update_profile(*, actor: Principal, **changes: Any) -> User:
    """Change the caller's `full_name`, `phone`, `locale` or `timezone`.

    Raises:
        StepUpRequired: a number by which the account can be reached takes a fresh proof.
    """
    with transaction.atomic():
        user = lock(User.objects.all(), id=actor.user_id)
        if changes.get("phone", user.phone) != user.phone:
            enforce(actor, NEW_PHONE, method="PATCH", route="v1/auth/me")
        before = user.rev
        save_changes(user, **changes)
        if user.rev != before:
            forget_grants(user.id)  # what requests remember of a user is remembered together
            publish(
                events.FreelancerProfileUpdated(aggregate_id=user.id, changed=" ".join(sorted(changes))),
                actor_id=user.id,
            )
    return user


def suspend(*, actor: UUID, user_id: UUID, reason: str) -> None:
    """Close an account until it is reinstated; its owner is signed out everywhere.

    Raises:
        LastAdmin: nobody would be left who can give roles.
    """
    with transaction.atomic(), somebody_is_left():
        user = lock(User.objects.filter(is_active=True), id=user_id)
        save_changes(user, is_active=False, security_version=user.security_version + 1)
        end(actor=actor, sessions=DeviceSession.objects.of(user_id), reason=EndReason.SUSPENDED)
        _tell("user.suspended", actor, user_id, reason)
        publish(events.FreelancerSuspended(aggregate_id=user_id, reason=reason), actor_id=actor)


def sign_out(*, actor: UUID, user_id: UUID, reason: str) -> None:
    """End all that somebody has signed in to, the staff site too."""
    with transaction.atomic():
        user = lock(User.objects.all(), id=user_id)
        save_changes(user, security_version=user.security_version + 1)
        end(actor=actor, sessions=DeviceSession.objects.of(user_id), reason=EndReason.REVOKED)
        _tell("user.signed_out", actor, user_id, reason)


def end_chosen(*, actor: UUID, session_ids: Collection[UUID]) -> None:
    """End sessions one by one. To whom none is left the staff site closes too, which is no session of this kind."""
    with transaction.atomic():
        chosen = DeviceSession.objects.filter(id__in=session_ids)
        owners = User.objects.filter(id__in=chosen.values("user_id")).select_for_update(no_key=True).order_by("id")
        people = list(owners)  # locked before their sessions, as everybody does
        end(actor=actor, sessions=chosen, reason=EndReason.REVOKED)
        for user in people:
            if not DeviceSession.objects.of(user.id).live().exists():
                save_changes(user, security_version=user.security_version + 1)


def reinstate(*, actor: UUID, user_id: UUID, reason: str) -> None:
    """Reopen a suspended account."""
    with transaction.atomic():
        user = lock(User.objects.filter(is_active=False), id=user_id)
        save_changes(user, is_active=True)
        _tell("user.reinstated", actor, user_id, reason)
        publish(events.FreelancerReinstated(aggregate_id=user_id), actor_id=actor)


def _tell(action: str, actor: UUID, user_id: UUID, reason: str) -> None:
    forget_grants(user_id)
    record(action=action, outcome="success", user_id=actor, target_type="user", target_id=user_id, reason=reason)
