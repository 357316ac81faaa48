"""Giving and taking roles, as the platform does it: nobody is asked whether they may.

Not here: what staff may do to each other (`staffing.py`).
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from access.errors import UnknownUser
from access.events import RoleGranted, RoleRevoked
from access.models import Role
from access.policy import is_staff_scope
from access.selectors import get_role
from access.trail import record
from access.types import POLICY_KEY, STAMP_TTL, changed_key
from events.services import publish


@transaction.atomic
def grant_role(*, actor: UUID | None, user_id: UUID, role: str, reason: str, **details: Any) -> None:
    """Give a role; giving it twice changes nothing. `actor` is the id of who gives it, None for the platform.

    A staff role opens the staff site at once. `details` go on record.

    Raises:
        UnknownRole, UnknownUser: there is no such role, or no such user.
    """
    found = get_role(role)
    people = get_user_model().objects.filter(pk=user_id)
    if not people.exists():
        raise UnknownUser
    _, is_new = _membership().objects.get_or_create(user_id=user_id, group_id=found.pk)
    if not is_new:
        return
    if found.is_staff:
        people.update(is_staff=True)
    _tell("role.granted", actor, user_id, reason, role=role, **details)
    publish(RoleGranted(aggregate_id=user_id, role=role, reason=reason), actor_id=actor)


@transaction.atomic
def revoke_role(*, actor: UUID | None, user_id: UUID, role: str, reason: str, **details: Any) -> None:
    """Take a role away; without it nothing changes. Whoever holds no staff role then is shut out of the staff site.

    Raises:
        UnknownRole: there is no such role.
    """
    found = get_role(role)
    deleted, _ = _membership().objects.filter(user_id=user_id, group_id=found.pk).delete()
    if not deleted:
        return
    _shut_staff_site(get_user_model().objects.filter(pk=user_id))
    _tell("role.revoked", actor, user_id, reason, role=role, **details)
    publish(RoleRevoked(aggregate_id=user_id, role=role, reason=reason), actor_id=actor)


@transaction.atomic
def change_role(*, actor: UUID | None, role: Group, permissions: Iterable[int]) -> None:
    """Let a role hold exactly these permissions; every member is affected at once.

    The staff site opens to members of a role that becomes the staff's, and closes where they hold no other.
    """
    wanted = set(permissions)
    held = set(role.permissions.values_list("pk", flat=True))
    if wanted == held:
        return
    role.permissions.set(wanted)
    names = dict(Permission.objects.filter(pk__in=wanted ^ held).values_list("pk", "codename"))
    if any(map(is_staff_scope, names.values())):
        members = get_user_model().objects.filter(groups=role)
        _open_staff_site(members)
        _shut_staff_site(members)
    record(
        action="role.changed",
        outcome="success",
        user_id=actor,
        target_type="role",
        target_id=role.name,
        added=sorted(names[pk] for pk in wanted - held),
        removed=sorted(names[pk] for pk in held - wanted),
    )
    forget_policy()


def hold_roles(name: str = "") -> None:
    """Let changes to staff roles, and to the role called `name`, happen one after another until the transaction ends.

    Everybody locks roles first, then requests, then people.
    """
    roles = Role.objects.with_staff_powers().filter(Q(is_staff=True) | Q(name=name)).order_by("pk")
    list(roles.select_for_update(of=("self",), no_key=True))  # whoever signs up into a role waits for nobody


def forget_grants(user_id: UUID) -> None:
    """Make every cached copy of one user's grants stale when the transaction commits."""
    transaction.on_commit(lambda: cache.set(changed_key(user_id), uuid4().hex, STAMP_TTL))


def forget_policy() -> None:
    """Make every cached copy of anybody's grants stale when the transaction commits."""
    transaction.on_commit(lambda: cache.set(POLICY_KEY, uuid4().hex, STAMP_TTL))


def _open_staff_site(people: QuerySet[Any]) -> None:
    people.filter(_holds_staff_role(), is_staff=False).update(is_staff=True)


def _shut_staff_site(people: QuerySet[Any]) -> None:
    people.filter(~_holds_staff_role(), is_staff=True, is_superuser=False).update(is_staff=False)


def _holds_staff_role() -> Exists:
    return Exists(Role.objects.staff().filter(user=OuterRef("pk")))


def _membership() -> Any:
    return get_user_model().groups.through


def _tell(action: str, actor: UUID | None, user_id: UUID, reason: str, **details: Any) -> None:
    record(
        action=action,
        outcome="success",
        user_id=actor,
        target_type="user",
        target_id=user_id,
        reason=reason,
        **details,
    )
    forget_grants(user_id)
