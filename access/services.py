"""Deciding who may, recording what happened, giving and taking roles."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db import transaction

from access.decisions import remember
from access.errors import RoleNotHeld, UnknownRole, UnknownUser
from access.events import RoleGranted, RoleRevoked
from access.models import Role
from access.policy import decide, refusal
from access.selectors import grants_of
from access.trail import record
from access.types import POLICY_KEY, STAMP_TTL, Decision, Grants, Principal, Resource, changed_key, version_of
from core.http.access import Access, Declaration
from events.services import publish

__all__ = (
    "authorize",
    "change_role",
    "enforce",
    "forget_grants",
    "forget_policy",
    "grant_role",
    "narrow",
    "record",
    "revoke_role",
)

_ROLES_HEADER = re.compile(r"[a-z][a-z0-9_.-]{0,31}(,[a-z][a-z0-9_.-]{0,31}){0,9}")


def authorize(
    principal: Principal | None,
    declaration: Declaration,
    *,
    method: str,
    route: str = "",
    resource: Resource | None = None,
) -> Decision:
    """The one answer to "may they?". Refusals, and grants of sensitive routes, are on record when it returns."""
    decision = decide(principal, declaration, method)
    if isinstance(declaration, Access) and (declaration.sensitive or not decision.allowed):
        return remember(
            replace(
                decision,
                principal=principal,
                method=method,
                route=route,
                scope=declaration.scope_for(method),
                audiences=declaration.audiences,
                resource=resource,
            )
        )
    return decision


def enforce(
    principal: Principal | None,
    declaration: Declaration,
    *,
    method: str,
    route: str = "",
    resource: Resource | None = None,
) -> Decision:
    """Authorize, or raise what the caller is to be told.

    Raises:
        Unauthenticated, AudienceNotAllowed, InsufficientScope, NotFound: each with its `decision_id`.
    """
    decision = authorize(principal, declaration, method=method, route=route, resource=resource)
    if not decision.allowed:
        raise refusal(decision)
    return decision


def narrow(principal: Principal, header_value: str, grants: Grants | None = None) -> Principal:
    """Act with only the roles named by `X-Gigvora-Roles`; nothing can be gained, and nothing regained.

    `grants` spares the query where the caller has them at hand.

    Raises:
        RoleNotHeld: the header is malformed, repeats a role, or names one that the principal does not hold.
    """
    named = header_value.split(",")
    roles = frozenset(named)
    if not _ROLES_HEADER.fullmatch(header_value) or len(named) != len(roles) or not roles <= principal.roles:
        refused = Decision(allowed=False, rule="roles", reason="role_not_held", principal=principal)
        raise RoleNotHeld(decision_id=remember(replace(refused, note=ascii(header_value[:200]))).id)
    scopes = principal.scopes & (grants or grants_of(principal.user_id)).scopes_of(roles)
    return replace(principal, roles=roles, scopes=scopes, is_superuser=False, access_version=version_of(roles, scopes))


@transaction.atomic
def grant_role(*, actor: UUID | None, user_id: UUID, role: str, reason: str) -> None:
    """Give a role; giving it twice changes nothing. `actor` is the id of who gives it, None for the platform.

    Raises:
        UnknownRole, UnknownUser: there is no such role, or no such user.
    """
    role_id = _role_id(role)
    if not get_user_model().objects.filter(pk=user_id).exists():
        raise UnknownUser
    _, is_new = _membership().objects.get_or_create(user_id=user_id, group_id=role_id)
    if is_new:
        _tell("role.granted", actor, user_id, role, reason)
        publish(RoleGranted(aggregate_id=user_id, role=role, reason=reason), actor_id=actor)


@transaction.atomic
def revoke_role(*, actor: UUID | None, user_id: UUID, role: str, reason: str) -> None:
    """Take a role away; without it nothing changes.

    Raises:
        UnknownRole: there is no such role.
    """
    deleted, _ = _membership().objects.filter(user_id=user_id, group_id=_role_id(role)).delete()
    if deleted:
        _tell("role.revoked", actor, user_id, role, reason)
        publish(RoleRevoked(aggregate_id=user_id, role=role, reason=reason), actor_id=actor)


@transaction.atomic
def change_role(*, actor: UUID | None, role: Group, permissions: Iterable[int]) -> None:
    """Let a role hold exactly these permissions; every member is affected at once."""
    wanted = set(permissions)
    held = set(role.permissions.values_list("pk", flat=True))
    if wanted == held:
        return
    role.permissions.set(wanted)
    names = dict(Permission.objects.filter(pk__in=wanted ^ held).values_list("pk", "codename"))
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


def forget_grants(user_id: UUID) -> None:
    """Make every cached copy of one user's grants stale when the transaction commits."""
    transaction.on_commit(lambda: cache.set(changed_key(user_id), uuid4().hex, STAMP_TTL))


def forget_policy() -> None:
    """Make every cached copy of anybody's grants stale when the transaction commits."""
    transaction.on_commit(lambda: cache.set(POLICY_KEY, uuid4().hex, STAMP_TTL))


def _membership() -> Any:
    return get_user_model().groups.through


def _role_id(name: str) -> int:
    found = Role.objects.filter(name=name).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownRole
    return found


def _tell(action: str, actor: UUID | None, user_id: UUID, role: str, reason: str) -> None:
    record(
        action=action,
        outcome="success",
        user_id=actor,
        target_type="user",
        target_id=user_id,
        reason=reason,
        role=role,
    )
    forget_grants(user_id)
