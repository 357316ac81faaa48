"""Reading what people hold and what was recorded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from access.errors import UnknownRole
from access.models import AuditEntry, Role, Scope
from access.policy import spelt_out
from access.redaction import between
from access.trail import OWNERS_CATEGORIES
from access.types import EVERY_STAFF_SCOPE, Grants, HeldRole
from core.db.prepared import prepared_rows


def grants_of(user_id: UUID) -> Grants:
    """What one user holds now, by one query. Nobody and nothing hold nothing."""
    return _grants(_roles_and_scopes(user_id))


def grants_once_open(user_id: UUID) -> Grants:
    """What one user holds, or would if their account were reinstated."""
    return _grants(_held_by(get_user_model().objects.filter(pk=user_id)))


def staff_may(user: AbstractBaseUser | AnonymousUser, scope: str) -> bool:
    """Whether somebody signed in to the staff screens holds a staff scope, or the one that includes them all."""
    return any(user.has_perm(f"access.{held}") for held in ("admin:*", scope))  # type: ignore[union-attr]


def get_role(name: str) -> Role:
    """A role, with `is_staff` told in the same query.

    Raises:
        UnknownRole: there is no such role.
    """
    found: Role | None = Role.objects.with_staff_powers().filter(name=name).first()
    if found is None:
        raise UnknownRole
    return found


def held_by_role(name: str) -> frozenset[str]:
    """The scopes that a role holds by itself."""
    return frozenset(Scope.objects.filter(group__name=name).values_list("codename", flat=True))


def scopes_of_role(name: str) -> frozenset[str]:
    """The scopes that a role gives, narrower ones spelt out."""
    return spelt_out(held_by_role(name))


def roles_of(user_id: UUID) -> list[HeldRole]:
    """The roles somebody holds, with when, by whom and why each was given, as far as the trail knows."""
    scopes = grants_of(user_id).by_role
    told = AuditEntry.objects.filter(action="role.granted", target_type="user", target_id=str(user_id))
    given = {entry.details.get("role"): entry for entry in told.order_by("id")}
    people = dict(
        get_user_model()
        .objects.filter(pk__in=[entry.user_id for entry in given.values() if entry.user_id])
        .values_list("pk", "email")
    )
    return [_held(name, scopes[name], given.get(name), people) for name in sorted(scopes)]


def _held(name: str, scopes: frozenset[str], given: AuditEntry | None, people: dict[UUID, str]) -> HeldRole:
    if given is None:
        return HeldRole(name, sorted(scopes))
    by = people.get(given.user_id, "") if given.user_id else ""
    return HeldRole(name, sorted(scopes), given.recorded_at, by, given.reason)


def list_admins() -> QuerySet[Any]:
    """Those who may do everything, and approve what others ask for."""
    holding = Q(groups__permissions__in=Scope.objects.filter(codename=EVERY_STAFF_SCOPE).values("pk"))
    return get_user_model().objects.filter(holding | Q(is_superuser=True), is_active=True).distinct()


def count_admins() -> int:
    return list_admins().count()


def roles_holding(scope: str) -> list[str]:
    """The roles that give a scope now, by itself or through a wider one."""
    held: dict[str, set[str]] = defaultdict(set)
    for role, codename in Scope.objects.filter(group__isnull=False).values_list("group__name", "codename"):
        held[role].add(codename)
    return sorted(role for role, scopes in held.items() if scope in spelt_out(scopes))


def security_events_of(user_id: UUID) -> QuerySet[AuditEntry]:
    """What somebody should know of their own account, newest first."""
    return AuditEntry.objects.filter(trail_of(user_id), category__in=OWNERS_CATEGORIES).order_by("-id")


def trail_of(user_id: UUID) -> Q:
    """All that somebody did, and what others did to their account; not who blocked or reported them."""
    upon_them = Q(target_type="user", target_id=str(user_id), category__in=OWNERS_CATEGORIES)
    return Q(user_id=user_id) | upon_them


def find_decision(decision_id: str) -> AuditEntry | None:
    """The first entry of a decision; repetitions have entries of their own."""
    return AuditEntry.objects.filter(decision_id=decision_id).order_by("id").first()


def times_taken(decision_id: str) -> int:
    """How often a decision was taken, as far as that was written down."""
    details = AuditEntry.objects.filter(decision_id=decision_id).values_list("details", flat=True)
    return max((facts.get("repeats", 1) for facts in details), default=0)


@prepared_rows
def _roles_and_scopes(user_id: Any) -> QuerySet[Any, Any]:
    return _held_by(get_user_model().objects.filter(pk=user_id, is_active=True))


def _held_by(people: QuerySet[Any]) -> QuerySet[Any, Any]:
    return people.values_list(
        "is_superuser",
        "groups__name",
        "groups__permissions__codename",
        "groups__permissions__content_type__app_label",
        "groups__permissions__content_type__model",
    )


def _grants(rows: Iterable[Any]) -> Grants:
    held: dict[str, set[str]] = defaultdict(set)
    is_superuser = False
    for superuser, role, codename, *content_type in rows:
        is_superuser = superuser
        if role is not None:
            held[role].update([codename] if content_type == ["access", "scope"] else [])
    return Grants({role: spelt_out(scopes) for role, scopes in held.items()}, is_superuser)


def people_touched(
    *, session_id: UUID | None = None, since: datetime | None = None, until: datetime | None = None
) -> Iterator[dict[str, Any]]:
    """Whom a session or a span of time concerned, as those who acted and those who were acted upon."""
    entries = AuditEntry.objects.exclude(user_id=None, target_type="")
    if session_id is not None:
        entries = entries.filter(session_id=session_id)
    if since is not None:
        entries = entries.filter(between(since, until or timezone.now()))
    acted = entries.exclude(user_id=None).values_list("user_id", flat=True)
    suffered = entries.filter(target_type="user").exclude(target_id="").values_list("target_id", flat=True)
    for user_id in sorted({str(found) for found in acted} | set(suffered)):
        yield _involvement(user_id, entries)


def _involvement(user_id: str, entries: QuerySet[AuditEntry]) -> dict[str, Any]:
    theirs = entries.filter(Q(user_id=user_id) | Q(target_type="user", target_id=user_id))
    span = theirs.aggregate(first=Min("recorded_at"), last=Max("recorded_at"), entries=Count("id"))
    return {
        "user_id": user_id,
        **span,
        "actions": sorted(set(theirs.values_list("action", flat=True))),
        "sessions": sorted({str(found) for found in theirs.values_list("session_id", flat=True) if found}),
        "addresses": sorted({found for found in theirs.values_list("ip", flat=True) if found}),
    }
