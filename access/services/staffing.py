"""What staff do to roles, and to each other's: everyday roles at once, staff powers by four eyes.

Three rules hold for everybody, superusers included. Nobody gives themselves a role, or widens one they hold alone.
Nobody gives what they do not hold (`access/reach.py`). And what gives staff powers waits as a request until another
admin approves it (`reviewing.py`). An everyday role counts as the staff's while a request waits to make it that.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import transaction

from access.errors import EnoughAdmins, LastAdmin, OwnRoles
from access.models import AccessRequest, Role, Scope
from access.policy import is_staff_scope, spelt_out
from access.reach import check_may_act_on, check_may_give, check_may_govern
from access.selectors import (
    count_admins,
    get_role,
    grants_of,
    grants_once_open,
    held_by_role,
    list_admins,
    scopes_of_role,
)
from access.services.reviewing import Kind, makes_staff_soon, open_request, refusals_on_record
from access.services.roles import change_role, grant_role, hold_roles, revoke_role
from access.trail import record
from core.contributions.scopes import Persona

ENOUGH_ADMINS = 2  # with whom four eyes are possible


def give_role(*, actor: UUID, user_id: UUID, role: str, reason: str) -> AccessRequest | None:
    """Give somebody a role, or ask a second admin to; the request that then waits is returned.

    Raises:
        OwnRoles: it would be the actor's own.
        RoleOutOfReach: the actor may not give roles, or not one with these scopes.
        UnknownRole, UnknownUser: there is no such role, or no such user.
        RequestWaiting: the same is already asked for.
    """
    with refusals_on_record(actor, "user", user_id), transaction.atomic():
        hold_roles(role)
        found = get_role(role)
        if actor == user_id:
            raise OwnRoles
        check_may_give(grants_of(actor), scopes_of_role(role))
        if found.is_staff or makes_staff_soon(role):
            return open_request(actor=actor, kind=Kind.GRANT, role=role, user_id=user_id, scopes=[], reason=reason)
        grant_role(actor=actor, user_id=user_id, role=role, reason=reason)
    return None


def take_role(*, actor: UUID, user_id: UUID, role: str, reason: str) -> None:
    """Take a role from somebody, or lay down one's own. Two eyes are enough to make the platform safer.

    Raises:
        RoleOutOfReach: the actor may not take roles, or not one with these scopes.
        LastAdmin: nobody would be left who can give it back.
        UnknownRole: there is no such role.
    """
    with refusals_on_record(actor, "user", user_id), transaction.atomic():
        get_role(role)
        if actor != user_id:
            check_may_give(grants_of(actor), scopes_of_role(role))
        with somebody_is_left():
            revoke_role(actor=actor, user_id=user_id, role=role, reason=reason)


def create_role(*, actor: UUID, name: str) -> Role:
    """Make a role that holds nothing yet.

    Raises:
        RoleOutOfReach: the actor may not decide what roles hold.
    """
    with refusals_on_record(actor, "role", name), transaction.atomic():
        check_may_govern(grants_of(actor))
        role: Role = Role.objects.create(name=name)
        record(action="role.created", outcome="success", user_id=actor, target_type="role", target_id=name)
    return role


def set_scopes(*, actor: UUID, role: str, scopes: Iterable[str], reason: str) -> AccessRequest | None:
    """Let a role hold exactly these scopes; what makes staff, or the actor, mightier waits as a request.

    Raises:
        RoleOutOfReach: the actor may not decide what roles hold, or not give these scopes.
        LastAdmin: nobody would be left who can give them back.
        UnknownRole: there is no such role.
        RequestWaiting: the same is already asked for.
    """
    wanted = set(scopes)
    with refusals_on_record(actor, "role", role), transaction.atomic():
        hold_roles(role)
        found = get_role(role)
        grants, added = grants_of(actor), wanted - held_by_role(role)
        check_may_govern(grants)
        check_may_give(grants, spelt_out(added))
        waits = bool(added) and (found.is_staff or role in grants.roles or any(map(is_staff_scope, added)))
        with somebody_is_left():
            change_role(actor=actor, role=found, permissions=_ids(found, wanted - added if waits else wanted))
        if not waits:
            return None
        return open_request(actor=actor, kind=Kind.WIDEN, role=role, user_id=None, scopes=sorted(added), reason=reason)


def check_may_suspend(*, actor: UUID, user_id: UUID) -> None:
    """Whether somebody may close another's account, or reopen it: nobody who holds less of the staff's scopes.

    Raises:
        RoleOutOfReach: the other holds, or would again, staff scopes that the actor lacks, or is a superuser.
    """
    check_may_act_on(grants_of(actor), grants_once_open(user_id))


def check_may_leave(*, user_id: UUID) -> None:
    """Whether somebody's account may be closed, in the caller's transaction, before it locks anybody's row.

    Others who would leave at the same time wait until that transaction ends.

    Raises:
        LastAdmin: nobody would be left who can give roles.
    """
    hold_roles()
    if list(list_admins().values_list("pk", flat=True)[:2]) == [user_id]:
        raise LastAdmin


def appoint_admin(*, user_id: UUID, reason: str, is_emergency: bool = False) -> None:
    """Make somebody an admin from the server's own command line, where nobody can approve it yet.

    Raises:
        EnoughAdmins: there are enough to do it by four eyes, and this is no emergency.
        UnknownUser: there is no such user.
    """
    with transaction.atomic():
        hold_roles()
        if count_admins() >= ENOUGH_ADMINS and not is_emergency:
            raise EnoughAdmins
        grant_role(actor=None, user_id=user_id, role=Persona.ADMIN, reason=reason, break_glass=True)


@contextmanager
def somebody_is_left() -> Iterator[None]:
    """Refuse what removes the last admin; the last two cannot remove each other."""
    hold_roles()
    before = count_admins()
    yield
    if before and not count_admins():
        raise LastAdmin


def _ids(role: Role, scopes: Iterable[str]) -> set[int]:
    """The permissions a role is to hold: these scopes, and whatever it holds that is no scope."""
    chosen = Scope.objects.filter(codename__in=scopes).values_list("pk", flat=True)
    others = Permission.objects.filter(group=role).exclude(pk__in=Scope.objects.values("pk"))
    return {*chosen, *others.values_list("pk", flat=True)}
