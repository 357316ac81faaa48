"""How far somebody's own rights let them change other people's. Not here: four eyes (`services/reviewing.py`)."""

from collections.abc import Iterable

from access.errors import RoleOutOfReach
from access.policy import is_staff_scope
from access.types import EVERY_STAFF_SCOPE, GIVE_ROLES, Grants


def check_may_give(grants: Grants, scopes: Iterable[str]) -> None:
    """Whether the holder of `grants` may hand on or take away `scopes`: only what they hold themselves.

    `admin:*` stands for every scope that is not the staff's, because who holds it decides what roles hold.

    Raises:
        RoleOutOfReach: with the `missing` scopes.
    """
    if grants.is_superuser:
        return
    missing = set(scopes) - grants.scopes
    if EVERY_STAFF_SCOPE in grants.scopes:
        missing = {scope for scope in missing if is_staff_scope(scope)}
    if GIVE_ROLES not in grants.scopes:
        missing.add(GIVE_ROLES)
    if missing:
        raise RoleOutOfReach(missing=sorted(missing))


def check_may_act_on(grants: Grants, others: Grants) -> None:
    """Whether the holder of `grants` may shut out, or let in again, the holder of `others`: nobody mightier.

    Raises:
        RoleOutOfReach: with the `missing` scopes; only superusers act on superusers.
    """
    if grants.is_superuser:
        return
    missing = {scope for scope in others.scopes if is_staff_scope(scope)} - grants.scopes
    if others.is_superuser:
        missing.add("superuser")
    if missing:
        raise RoleOutOfReach(missing=sorted(missing))


def check_may_govern(grants: Grants) -> None:
    """Whether the holder of `grants` may decide what roles hold, and approve what other admins ask for.

    Raises:
        RoleOutOfReach: `admin:*` is missing.
    """
    if not grants.is_superuser and EVERY_STAFF_SCOPE not in grants.scopes:
        raise RoleOutOfReach(missing=[EVERY_STAFF_SCOPE])
