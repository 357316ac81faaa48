"""Deciding who may. Not here: the rules themselves (`access/policy.py`)."""

import re
from dataclasses import replace
from uuid import UUID

from access.decisions import remember
from access.errors import RoleNotHeld
from access.policy import decide, refusal
from access.selectors import grants_of
from access.types import Decision, Grants, Principal, Resource, version_of
from core.http.access import Access, Declaration

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


def decide_by_share(
    principal: Principal, resource: Resource, *, share_id: UUID | None, is_change: bool = False
) -> Decision:
    """Whether an exceptional share lets somebody at what is another's; `share_id` is the row that does.

    Refusals and changes are on record when it returns; being let in to read costs nothing.
    """
    note = f"share {share_id}" if share_id else ""
    reason = "shared" if share_id else "not_shared"
    decision = Decision(
        allowed=share_id is not None, rule="share", reason=reason, principal=principal, resource=resource, note=note
    )
    return remember(decision) if is_change or share_id is None else decision


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
