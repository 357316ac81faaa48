"""Reading what people hold and what was recorded."""

from collections import defaultdict
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from access.models import AuditEntry, Scope
from access.policy import spelt_out
from access.trail import OWNERS_CATEGORIES
from access.types import Grants
from core.db.binary import fetch_rows


def grants_of(user_id: UUID) -> Grants:
    """What one user holds now, by one query. Nobody and nothing hold nothing."""
    rows = fetch_rows(
        get_user_model().objects.filter(pk=user_id, is_active=True),
        (
            "is_superuser",
            "groups__name",
            "groups__permissions__codename",
            "groups__permissions__content_type__app_label",
            "groups__permissions__content_type__model",
        ),
    )
    held: dict[str, set[str]] = defaultdict(set)
    is_superuser = False
    for superuser, role, codename, *content_type in rows:
        is_superuser = superuser
        if role is not None:
            held[role].update([codename] if content_type == ["access", "scope"] else [])
    return Grants({role: spelt_out(scopes) for role, scopes in held.items()}, is_superuser)


def staff_may(user: AbstractBaseUser | AnonymousUser, scope: str) -> bool:
    """Whether somebody signed in to the staff screens holds a staff scope, or the one that includes them all."""
    return any(user.has_perm(f"access.{held}") for held in ("admin:*", scope))  # type: ignore[union-attr]


def roles_holding(scope: str) -> list[str]:
    """The roles that give a scope now, by itself or through a wider one."""
    held: dict[str, set[str]] = defaultdict(set)
    for role, codename in Scope.objects.filter(group__isnull=False).values_list("group__name", "codename"):
        held[role].add(codename)
    return sorted(role for role, scopes in held.items() if scope in spelt_out(scopes))


def security_events_of(user_id: UUID) -> QuerySet[AuditEntry]:
    """What somebody should know of their own account, newest first."""
    return AuditEntry.objects.filter(
        Q(user_id=user_id) | Q(target_type="user", target_id=str(user_id)), category__in=OWNERS_CATEGORIES
    ).order_by("-id")


def find_decision(decision_id: str) -> AuditEntry | None:
    """The first entry of a decision; repetitions have entries of their own."""
    return AuditEntry.objects.filter(decision_id=decision_id).order_by("id").first()


def times_taken(decision_id: str) -> int:
    """How often a decision was taken, as far as that was written down."""
    details = AuditEntry.objects.filter(decision_id=decision_id).values_list("details", flat=True)
    return max((facts.get("repeats", 1) for facts in details), default=0)
