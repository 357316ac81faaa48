"""What people say of themselves, and closing or reopening an account."""

from typing import Any
from uuid import UUID

from django.db import transaction

from access.services import check_may_suspend, enforce, forget_grants, record, somebody_is_left
from access.types import Principal
from accounts import events
from accounts.errors import AccountIsClosed
from accounts.models import User
from accounts.services.endings import start_over
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
        RoleOutOfReach: they hold what the actor does not, as admins do before those who look after reports.
        LastAdmin: nobody would be left who can give roles.
        NotFound: there is no such person, or they are suspended.
    """
    with transaction.atomic(), somebody_is_left():
        check_may_suspend(actor=actor, user_id=user_id)
        user = lock(User.objects.filter(is_active=True), id=user_id)
        save_changes(user, is_active=False)
        start_over(user=user, actor=actor, reason=EndReason.SUSPENDED)
        _tell("user.suspended", actor, user_id, reason)
        publish(events.FreelancerSuspended(aggregate_id=user_id, reason=reason), actor_id=actor)


def reinstate(*, actor: UUID, user_id: UUID, reason: str) -> None:
    """Reopen a suspended account.

    Raises:
        NotFound: there is no such person, or they are not suspended.
        RoleOutOfReach: they would hold again what the actor does not.
        AccountIsClosed: its owner has left for good, and what is left of it is being erased.
    """
    with transaction.atomic():
        check_may_suspend(actor=actor, user_id=user_id)
        user = lock(User.objects.filter(is_active=False), id=user_id)
        if user.closed_at is not None:
            raise AccountIsClosed
        save_changes(user, is_active=True)
        _tell("user.reinstated", actor, user_id, reason)
        publish(events.FreelancerReinstated(aggregate_id=user_id), actor_id=actor)


def _tell(action: str, actor: UUID, user_id: UUID, reason: str) -> None:
    forget_grants(user_id)
    record(action=action, outcome="success", user_id=actor, target_type="user", target_id=user_id, reason=reason)
