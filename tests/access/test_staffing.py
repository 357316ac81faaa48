"""Giving and taking roles, by staff: nobody raises themselves, nobody gives what they lack, staff powers wait."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from access import services
from access.errors import (
    EnoughAdmins,
    FourEyesRequired,
    LastAdmin,
    OwnRoles,
    RequestClosed,
    RequestWaiting,
    RoleOutOfReach,
    UnknownRole,
    UnknownUser,
)
from access.models import AccessRequest, AuditEntry, Role, Scope
from access.selectors import grants_of, held_by_role
from core.errors import Forbidden, NotFound
from core.testing.races import race
from events.models import OutboxEvent
from tests.access.conftest import MakeUser, admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(make_user: MakeUser) -> UUID:
    user = make_user("lead@example.com")
    services.grant_role(actor=None, user_id=user.pk, role="support_lead", reason="trial")
    found: UUID = user.pk
    return found


@pytest.fixture
def guest(db: None) -> str:
    """An everyday role that holds next to nothing."""
    Role.objects.create(name="guest").permissions.add(Scope.objects.get(codename="calendar:view"))
    return "guest"


def ask(actor: UUID, user_id: UUID, role: str = "support") -> AccessRequest:
    waiting = services.give_role(actor=actor, user_id=user_id, role=role, reason="joins support")
    assert waiting is not None
    return waiting


def actions(prefix: str = "role.") -> list[tuple[str, str, str]]:
    entries = AuditEntry.objects.filter(action__startswith=prefix).exclude(reason="trial").order_by("id")
    return list(entries.values_list("action", "outcome", "reason"))


def is_staff(user_id: UUID) -> bool:
    return bool(get_user_model().objects.get(pk=user_id).is_staff)


# ---- everyday roles ------------------------------------------------------------------------------------------------


def test_give__everyday_role__takes_effect_at_once(lead: UUID, carl: UUID, guest: str) -> None:
    assert services.give_role(actor=lead, user_id=carl, role=guest, reason="asked by phone") is None

    assert grants_of(carl).roles == {guest}
    assert not is_staff(carl)
    entry = AuditEntry.objects.get(action="role.granted", target_id=str(carl))
    assert (entry.user_id, entry.reason, entry.details) == (lead, "asked by phone", {"role": guest})


def test_give__more_than_the_actor_holds__is_refused_on_record(lead: UUID, carl: UUID) -> None:
    role = Role.objects.create(name="treasurer")
    scope = Scope.objects.create(
        codename="gold:carry", name="Carry gold.", content_type=Scope.objects.all()[0].content_type
    )
    role.permissions.add(scope)

    with pytest.raises(RoleOutOfReach) as refused:
        services.give_role(actor=lead, user_id=carl, role="treasurer", reason="why not")

    assert refused.value.extra == {"missing": ["gold:carry"]}
    assert grants_of(carl).roles == frozenset()
    assert actions() == [("role.refused", "denied", "role_out_of_reach")]


def test_give__by_somebody_without_the_scope__is_refused(carl: UUID, guest: str, make_user: MakeUser) -> None:
    helper = make_user()
    services.grant_role(actor=None, user_id=helper.pk, role="support", reason="trial")

    with pytest.raises(RoleOutOfReach) as refused:
        services.give_role(actor=helper.pk, user_id=carl, role=guest, reason="why not")

    assert refused.value.extra == {"missing": ["admin:roles.give"]}


@pytest.mark.parametrize("role", ["client", "admin"])
def test_give__to_oneself__is_refused_superuser_or_not(make_user: MakeUser, role: str) -> None:
    root = make_user(is_superuser=True)

    with pytest.raises(OwnRoles):
        services.give_role(actor=root.pk, user_id=root.pk, role=role, reason="why not")

    assert actions() == [("role.refused", "denied", "own_roles")]


def test_give__unknown_role_or_user__is_refused(ada: UUID, carl: UUID) -> None:
    with pytest.raises(UnknownRole):
        services.give_role(actor=ada, user_id=carl, role="wizard", reason="x")
    with pytest.raises(UnknownUser):
        services.give_role(actor=ada, user_id=uuid4(), role="client", reason="x")


# ---- staff powers: four eyes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["support", "marketing", "admin"])
def test_give__role_with_staff_powers__waits_for_another_admin(ada: UUID, bert: UUID, carl: UUID, role: str) -> None:
    waiting = ask(ada, carl, role)

    assert grants_of(carl).roles == frozenset()
    assert (waiting.status, waiting.requested_by, waiting.user_id) == ("waiting", ada, carl)
    assert timedelta(days=2, hours=23) < waiting.expires_at - timezone.now() <= timedelta(days=3)

    services.approve(actor=bert, request_id=waiting.id, note="known to me")

    assert grants_of(carl).roles == {role}
    assert is_staff(carl)
    assert actions() == [
        ("role.requested", "success", "joins support"),
        ("role.request_approved", "success", "known to me"),
        ("role.granted", "success", "joins support"),
    ]
    granted = AuditEntry.objects.get(action="role.granted", target_id=str(carl))
    assert granted.user_id == bert
    assert granted.details == {"role": role, "requested_by": str(ada), "request": str(waiting.id)}
    told = OutboxEvent.objects.filter(aggregate_id=waiting.id).order_by("id").values_list("name", flat=True)
    assert list(told) == ["access.request.opened", "access.request.decided"]


def test_approve__by_whoever_asked_or_gets_it__is_refused_on_record(ada: UUID, bert: UUID) -> None:
    waiting = ask(ada, bert, "support")

    for actor in (ada, bert):
        with pytest.raises(FourEyesRequired):
            services.approve(actor=actor, request_id=waiting.id)

    assert grants_of(bert).roles == {"admin"}
    assert [entry[2] for entry in actions("role.refused")] == ["four_eyes_required"] * 2


@pytest.mark.parametrize("who", ["requested_by", "user_id"])
def test_request__decided_by_one_of_its_own__is_refused_by_the_database(ada: UUID, carl: UUID, who: str) -> None:
    waiting = ask(ada, carl)

    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRequest.objects.filter(id=waiting.id).update(
            status="approved", decided_by=getattr(waiting, who), decided_at=timezone.now()
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRequest.objects.filter(id=waiting.id).update(status="approved")


def test_approve__by_a_lead__is_refused(ada: UUID, carl: UUID, lead: UUID) -> None:
    waiting = ask(ada, carl)

    with pytest.raises(RoleOutOfReach):
        services.approve(actor=lead, request_id=waiting.id)


def test_approve__whoever_asked_is_no_admin_any_more__is_refused(ada: UUID, bert: UUID, carl: UUID) -> None:
    waiting = ask(ada, carl)
    services.take_role(actor=bert, user_id=ada, role="admin", reason="left")

    with pytest.raises(RoleOutOfReach):
        services.approve(actor=bert, request_id=waiting.id)
    services.reject(actor=bert, request_id=waiting.id, note="asked by somebody who left")

    assert grants_of(carl).roles == frozenset()


def test_approve__too_late__is_refused_and_expires(ada: UUID, bert: UUID, carl: UUID) -> None:
    waiting = ask(ada, carl)

    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        with pytest.raises(RequestClosed):
            services.approve(actor=bert, request_id=waiting.id)
        assert services.expire_requests() == 1
        assert services.expire_requests() == 0
        assert ask(ada, carl).id != waiting.id

    waiting.refresh_from_db()
    assert (waiting.status, waiting.decided_by) == ("expired", None)


def test_approve__twice__is_refused(ada: UUID, bert: UUID, carl: UUID) -> None:
    waiting = ask(ada, carl)
    services.approve(actor=bert, request_id=waiting.id)

    with pytest.raises(RequestClosed):
        services.approve(actor=bert, request_id=waiting.id)
    with pytest.raises(NotFound):
        services.approve(actor=bert, request_id=uuid4())


def test_reject__by_another_or_by_whoever_asked__closes_it_without_effect(ada: UUID, bert: UUID, carl: UUID) -> None:
    rejected = services.reject(actor=bert, request_id=ask(ada, carl).id, note="who is that?")
    withdrawn = services.reject(actor=ada, request_id=ask(ada, carl).id, note="a mistake")

    assert (rejected.status, rejected.decided_by) == ("rejected", bert)
    assert (withdrawn.status, withdrawn.decided_by) == ("withdrawn", None)
    assert grants_of(carl).roles == frozenset()


def test_give__asked_for_already__is_refused(ada: UUID, bert: UUID, carl: UUID) -> None:
    ask(ada, carl)

    with pytest.raises(RequestWaiting):
        ask(bert, carl)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL: SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_decide__two_admins_at_once__one_wins(ada: UUID, bert: UUID, carl: UUID, make_user: MakeUser) -> None:
    dora = admin(make_user("dora@example.com"))
    waiting = ask(ada, carl)

    def approve() -> str:
        return str(services.approve(actor=bert, request_id=waiting.id).status)

    def reject() -> str:
        return str(services.reject(actor=dora, request_id=waiting.id, note="no").status)

    outcomes = race(approve, reject)

    waiting.refresh_from_db()
    won = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert won == [waiting.status]
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [RequestClosed]
    assert bool(grants_of(carl).roles) is (waiting.status == "approved")


# ---- taking ----------------------------------------------------------------------------------------------------------


def test_take__staff_role__closes_the_staff_site_at_once(ada: UUID, bert: UUID) -> None:
    assert is_staff(bert)

    services.take_role(actor=ada, user_id=bert, role="admin", reason="left")

    assert grants_of(bert).roles == frozenset()
    assert not is_staff(bert)


def test_take__from_the_last_admin__is_refused(ada: UUID) -> None:
    with pytest.raises(LastAdmin):
        services.take_role(actor=ada, user_id=ada, role="admin", reason="leaving")

    assert grants_of(ada).roles == {"admin"}


def test_take__more_than_the_actor_holds__is_refused(ada: UUID, lead: UUID) -> None:
    with pytest.raises(Forbidden):
        services.take_role(actor=lead, user_id=ada, role="admin", reason="mutiny")


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL: SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_take__last_two_admins_remove_each_other__one_stays(ada: UUID, bert: UUID) -> None:
    def remove(actor: UUID, other: UUID) -> Callable[[], None]:
        return lambda: services.take_role(actor=actor, user_id=other, role="admin", reason="mutiny")

    outcomes = race(remove(ada, bert), remove(bert, ada))

    assert sorted(len(grants_of(one).roles) for one in (ada, bert)) == [0, 1]
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1


# ---- what roles hold -------------------------------------------------------------------------------------------------


def test_set_scopes__everyday_ones__take_effect_at_once(ada: UUID) -> None:
    services.create_role(actor=ada, name="scheduler")

    assert services.set_scopes(actor=ada, role="scheduler", scopes=["calendar:view"], reason="new team") is None

    assert held_by_role("scheduler") == {"calendar:view"}


@pytest.mark.parametrize(("role", "scope"), [("client", "admin:people.read"), ("support", "calendar:edit")])
def test_set_scopes__of_staff_or_for_staff__wait_and_the_rest_does_not(
    ada: UUID, bert: UUID, role: str, scope: str
) -> None:
    services.change_role(actor=None, role=Role.objects.get(name=role), permissions=[])

    waiting = services.set_scopes(actor=ada, role=role, scopes=[scope], reason="more work")

    assert waiting is not None
    assert waiting.scopes == [scope]
    assert held_by_role(role) == frozenset()

    services.approve(actor=bert, request_id=waiting.id)

    assert held_by_role(role) == {scope}


def test_set_scopes__of_a_role_that_the_actor_holds__wait(ada: UUID) -> None:
    services.grant_role(actor=None, user_id=ada, role="client", reason="trial")
    services.set_scopes(actor=ada, role="client", scopes=[], reason="less")

    assert services.set_scopes(actor=ada, role="client", scopes=["calendar:edit"], reason="more for me") is not None


def test_set_scopes__removing_the_last_admins_scope__is_refused(ada: UUID) -> None:
    with pytest.raises(LastAdmin):
        services.set_scopes(actor=ada, role="admin", scopes=[], reason="tidying up")

    assert "admin:*" in held_by_role("admin")


def test_set_scopes__by_a_lead__is_refused_on_record(lead: UUID) -> None:
    for attempt in (
        lambda: services.set_scopes(actor=lead, role="client", scopes=[], reason="x"),
        lambda: services.create_role(actor=lead, name="mine"),
    ):
        with pytest.raises(RoleOutOfReach):
            attempt()

    assert actions() == [("role.refused", "denied", "role_out_of_reach")] * 2


# ---- the first admin -------------------------------------------------------------------------------------------------


def grant_admin(*arguments: str) -> str:
    told = StringIO()
    call_command("grant_admin", *arguments, "--reason", "first day", stdout=told)
    return told.getvalue()


def test_command__no_admin_yet__appoints_one_on_record(carl: UUID) -> None:
    assert "carl@example.com is an admin from now on" in grant_admin("carl@example.com")

    entry = AuditEntry.objects.get(action="role.granted", target_id=str(carl))
    assert (entry.user_id, entry.reason, entry.details) == (None, "first day", {"role": "admin", "break_glass": True})
    assert grants_of(carl).roles == {"admin"}


def test_command__two_admins__refuses_unless_it_is_an_emergency(ada: UUID, bert: UUID, carl: UUID) -> None:
    with pytest.raises(CommandError, match="Two admins can do this"):
        grant_admin("carl@example.com")
    with pytest.raises(EnoughAdmins):
        services.appoint_admin(user_id=carl, reason="x")

    grant_admin("carl@example.com", "--emergency")

    assert grants_of(carl).roles == {"admin"}


def test_command__unknown_address__is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="no user"):
        grant_admin("nobody@example.com")
