from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from access import services
from access.errors import RoleNotHeld, UnknownRole, UnknownUser
from access.models import AuditEntry, Role, Scope
from access.selectors import grants_of, security_events_of
from access.types import POLICY_KEY, Grants, Principal, changed_key, version_of
from core import context
from core.db.ids import uuid7
from core.http.access import Audience
from events.models import OutboxEvent
from tests.access.conftest import MakePrincipal

pytestmark = pytest.mark.django_db

GRANTS = Grants({"client": frozenset({"a:read", "a:write"}), "mentor": frozenset({"b:read"})})


def both(principal: MakePrincipal, **given: Any) -> Principal:
    return principal("a:read", "b:read", roles=("client", "mentor"), **given)


def test_narrow__one_of_two_roles__keeps_only_its_scopes_under_the_token(principal: MakePrincipal) -> None:
    whole = both(principal, is_superuser=True)

    narrowed = services.narrow(whole, "client", GRANTS)

    assert narrowed.roles == {"client"}
    assert narrowed.scopes == {"a:read"}
    assert not narrowed.is_superuser
    assert narrowed.access_version == version_of(frozenset({"client"}), frozenset({"a:read"})) != whole.access_version
    assert narrowed.user_id == whole.user_id


def test_narrow__all_roles__changes_no_scope(principal: MakePrincipal) -> None:
    whole = both(principal)

    assert services.narrow(whole, "mentor,client", GRANTS) == whole


def test_narrow__without_grants_at_hand__reads_them_with_one_query(make_user: Callable[..., Any]) -> None:
    user = make_user()
    role = Role.objects.create(name="tester")
    role.permissions.add(Scope.objects.get(codename="admin:*"))
    user.groups.add(role, Role.objects.create(name="other"))
    held = grants_of(user.pk)
    whole = Principal(user.pk, uuid7(), None, Audience.ADMIN, held.roles, held.scopes, held.version)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        narrowed = services.narrow(whole, "tester")

    assert len(queries) == 1
    assert narrowed.scopes >= {"admin:*"}
    assert services.narrow(whole, "other").scopes == frozenset()


@pytest.mark.parametrize(
    "header",
    [
        "admin", "client,admin", "client,client", "", " client", "client ", "client, mentor", "Client", "client,",
        ",client", "client\n", "client;mentor", "клиент", "client\x00", "c" * 33, "a" * 10_000,
        "client," * 11 + "mentor", "ad\u200dmin", "*", "client,mentor,client",
    ],
)  # fmt: skip
def test_narrow__role_not_held_or_malformed__is_refused_on_record(principal: MakePrincipal, header: str) -> None:
    caller = both(principal)

    with pytest.raises(RoleNotHeld) as refused:
        services.narrow(caller, header, GRANTS)

    entry = AuditEntry.objects.get()
    assert refused.value.extra == {"decision_id": entry.decision_id}
    assert (entry.action, entry.category, entry.outcome) == ("header.spoof_attempt", "iam", "denied")
    assert (entry.user_id, entry.reason) == (caller.user_id, "role_not_held")
    assert entry.details["note"] == ascii(header[:200])


@pytest.mark.parametrize("roles", [("Super Hero",), tuple(f"role{number}" for number in range(11))])
def test_narrow__roles_held_in_a_header_that_breaks_the_syntax__is_refused(
    principal: MakePrincipal, roles: tuple[str, ...]
) -> None:
    with pytest.raises(RoleNotHeld):
        services.narrow(principal(roles=roles), ",".join(roles), Grants(dict.fromkeys(roles, frozenset())))


def test_narrow__of_a_narrowed_principal__regains_nothing(principal: MakePrincipal) -> None:
    narrowed = services.narrow(both(principal), "client", GRANTS)

    with pytest.raises(RoleNotHeld):
        services.narrow(narrowed, "client,mentor", GRANTS)
    with pytest.raises(RoleNotHeld):
        services.narrow(narrowed, "mentor", GRANTS)


def test_grants_of__any_number_of_roles__takes_one_query(make_user: Callable[..., Any]) -> None:
    user = make_user()
    for name in ("one", "two", "three"):
        role = Role.objects.create(name=name)
        role.permissions.add(*Scope.objects.all()[:2], *Permission.objects.filter(codename="view_auditentry"))
        user.groups.add(role)

    with CaptureQueriesContext(connection) as queries:
        grants = grants_of(user.pk)

    assert len(queries) == 1
    assert grants.roles == {"one", "two", "three"}
    assert "view_auditentry" not in grants.scopes
    assert grants.scopes
    assert grants.version == version_of(grants.roles, grants.scopes)


@pytest.mark.parametrize("given", [{"is_active": False, "is_superuser": True}, None])
def test_grants_of__inactive_or_unknown_user__is_nothing(
    make_user: Callable[..., Any], given: dict[str, Any] | None
) -> None:
    user_id = make_user(**given).pk if given else uuid7()

    assert grants_of(user_id) == Grants()


def test_grant_role__new_member__is_on_record_published_and_known_to_caches(
    user_id: UUID, django_capture_on_commit_callbacks: Any
) -> None:
    actor, before = uuid7(), cache.get(changed_key(user_id))

    with django_capture_on_commit_callbacks(execute=True):
        services.grant_role(actor=actor, user_id=user_id, role="support", reason="joined the team")

    entry, event = AuditEntry.objects.get(), OutboxEvent.objects.get()
    assert grants_of(user_id).roles == {"support"}
    assert (entry.action, entry.user_id, entry.target_type, entry.target_id, entry.reason, entry.details) == (
        "role.granted", actor, "user", str(user_id), "joined the team", {"role": "support"},
    )  # fmt: skip
    assert (event.name, event.aggregate_id, event.actor_id) == ("access.role.granted", user_id, actor)
    assert cache.get(changed_key(user_id)) not in {None, before}
    assert list(security_events_of(user_id)) == [entry]


def test_grant_role__twice__changes_and_says_nothing_more(user_id: UUID) -> None:
    for _ in range(2):
        services.grant_role(actor=None, user_id=user_id, role="support", reason="joined")

    assert AuditEntry.objects.count() == OutboxEvent.objects.count() == 1


def test_grant_role__unknown_role_or_user__is_refused_and_writes_nothing(user_id: UUID) -> None:
    with pytest.raises(UnknownRole):
        services.grant_role(actor=None, user_id=user_id, role="emperor", reason="")
    with pytest.raises(UnknownUser):
        services.grant_role(actor=None, user_id=uuid7(), role="support", reason="")

    assert not AuditEntry.objects.exists()


def test_revoke_role__member__is_on_record_and_gone_at_once(user_id: UUID) -> None:
    services.grant_role(actor=None, user_id=user_id, role="admin", reason="trial")
    before = grants_of(user_id)

    services.revoke_role(actor=None, user_id=user_id, role="admin", reason="trial over")
    services.revoke_role(actor=None, user_id=user_id, role="admin", reason="again")

    assert "admin:*" in before.scopes
    assert grants_of(user_id) == Grants()
    assert before.version != grants_of(user_id).version
    assert list(AuditEntry.objects.order_by("id").values_list("action", "reason")) == [
        ("role.granted", "trial"),
        ("role.revoked", "trial over"),
    ]
    assert [event.name for event in OutboxEvent.objects.order_by("id")] == [
        "access.role.granted",
        "access.role.revoked",
    ]


def test_change_role__other_scopes__is_on_record_and_concerns_every_member(
    user_id: UUID, django_capture_on_commit_callbacks: Any
) -> None:
    services.grant_role(actor=None, user_id=user_id, role="support", reason="joined")
    role, before = Role.objects.get(name="support"), cache.get(POLICY_KEY)
    held = set(role.permissions.values_list("codename", flat=True))
    staff_scope = Scope.objects.get(codename="admin:*")

    with django_capture_on_commit_callbacks(execute=True):
        services.change_role(actor=None, role=role, permissions=[staff_scope.pk])

    entry = AuditEntry.objects.get(action="role.changed")
    assert (entry.target_type, entry.target_id) == ("role", "support")
    assert entry.details == {"added": ["admin:*"], "removed": sorted(held)}
    assert grants_of(user_id).scopes >= {"admin:*"}
    assert cache.get(POLICY_KEY) not in {None, before}


def test_change_role__same_permissions__says_nothing() -> None:
    role = Role.objects.get(name="admin")

    services.change_role(actor=None, role=role, permissions=role.permissions.values_list("pk", flat=True))

    assert not AuditEntry.objects.exists()


def test_record__in_a_transaction_that_rolls_back__is_gone_with_it() -> None:
    with transaction.atomic():
        services.record(action="password.changed", outcome="success")
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


def test_record__within_a_request__reads_everything_from_the_context() -> None:
    user_id, session_id, device_id = uuid7(), uuid7(), uuid7()
    now = context.Context(
        channel=context.Channel.IOS, trace_id="ab" * 16, user_id=str(user_id), session_id=str(session_id),
        device_id=str(device_id), client_ip="2001:db8::1", user_agent="Gigvora/2.0",
    )  # fmt: skip

    with context.scope(now):
        services.record(action="session.revoked", outcome="success", target_type="session", target_id=session_id, n=1)

    entry = AuditEntry.objects.get()
    assert (entry.user_id, entry.session_id, entry.device_id) == (user_id, session_id, device_id)
    assert (entry.channel, entry.ip, entry.user_agent, entry.trace_id) == (
        "mobile-ios", "2001:db8::1", "Gigvora/2.0", "ab" * 16,
    )  # fmt: skip
    assert (entry.category, entry.target_id, entry.details) == ("session", str(session_id), {"n": 1})


def test_security_events_of__other_peoples_and_other_categories__are_left_out(user_id: UUID) -> None:
    services.record(action="login.success", outcome="success", user_id=user_id)
    services.record(action="login.success", outcome="success", user_id=uuid7())
    services.record(action="scope.denied", outcome="denied", user_id=user_id)
    services.record(action="role.granted", outcome="success", target_type="user", target_id=user_id)

    assert [entry.action for entry in security_events_of(user_id)] == ["role.granted", "login.success"]


def test_membership__through_the_user_model__is_djangos_own(user_id: UUID) -> None:
    services.grant_role(actor=None, user_id=user_id, role="admin", reason="trial")

    assert get_user_model().objects.get(pk=user_id).has_perm("access.admin:*")
