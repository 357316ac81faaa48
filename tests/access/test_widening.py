"""Everyday roles that become the staff's: who would gain is known, and the staff site follows."""

from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import services
from access.errors import MembersAdded, RequestClosed, UserInactive
from access.models import AccessRequest, Role, Scope
from access.selectors import grants_of, held_by_role
from core.testing.races import race
from tests.access.conftest import MakeUser

pytestmark = pytest.mark.django_db

AUDITOR = "auditor"


@pytest.fixture
def auditor(ada: UUID) -> str:
    """An everyday role that holds nothing yet."""
    services.create_role(actor=ada, name=AUDITOR)
    return AUDITOR


def widen(actor: UUID, scope: str = "admin:*") -> AccessRequest:
    waiting = services.set_scopes(actor=actor, role=AUDITOR, scopes=[scope], reason="for auditors")
    assert waiting is not None
    return waiting


def give(actor: UUID, user_id: UUID) -> AccessRequest | None:
    return services.give_role(actor=actor, user_id=user_id, role=AUDITOR, reason="audits")


def is_staff(user_id: UUID) -> bool:
    return bool(get_user_model().objects.get(pk=user_id).is_staff)


# ---- four eyes -------------------------------------------------------------------------------------------------------


def test_give__role_that_a_waiting_request_makes_the_staffs__waits_too(
    ada: UUID, bert: UUID, carl: UUID, auditor: str
) -> None:
    widening = widen(ada)

    assert give(ada, carl) is not None
    services.approve(actor=bert, request_id=widening.id)

    assert held_by_role(auditor) == {"admin:*"}
    assert grants_of(carl).roles == frozenset()


@pytest.mark.parametrize("end", ["reject", "expire"])
def test_give__role_that_was_not_widened_after_all__takes_effect_at_once(
    ada: UUID, bert: UUID, carl: UUID, auditor: str, end: str
) -> None:
    widening = widen(ada)
    if end == "reject":
        services.reject(actor=bert, request_id=widening.id, note="no")
    else:
        AccessRequest.objects.update(expires_at=widening.created_at)

    assert give(ada, carl) is None

    assert grants_of(carl).roles == {auditor}


def test_give__role_that_a_waiting_request_widens_by_everyday_scopes__takes_effect_at_once(
    ada: UUID, carl: UUID, auditor: str
) -> None:
    services.grant_role(actor=None, user_id=ada, role=auditor, reason="trial")
    widen(ada, "calendar:view")

    assert give(ada, carl) is None


def test_approve__wider_role_with_members_known_when_asked__takes_effect(
    ada: UUID, bert: UUID, carl: UUID, auditor: str
) -> None:
    give(ada, carl)
    widening = widen(ada)

    services.approve(actor=bert, request_id=widening.id)

    assert "admin:*" in grants_of(carl).scopes


def test_approve__wider_role_with_somebody_new__is_refused_until_asked_anew(
    ada: UUID, bert: UUID, carl: UUID, auditor: str
) -> None:
    widening = widen(ada)
    services.grant_role(actor=None, user_id=carl, role=auditor, reason="by the platform")

    with pytest.raises(MembersAdded):
        services.approve(actor=bert, request_id=widening.id)
    assert held_by_role(auditor) == frozenset()

    services.reject(actor=bert, request_id=widening.id, note="somebody joined")
    services.approve(actor=bert, request_id=widen(ada).id)
    assert "admin:*" in grants_of(carl).scopes


def test_approve__everyday_role_with_somebody_new__takes_effect(
    ada: UUID, bert: UUID, carl: UUID, auditor: str
) -> None:
    """A role that people sign up into could never be widened otherwise."""
    services.grant_role(actor=None, user_id=ada, role=auditor, reason="trial")
    widening = widen(ada, "calendar:view")
    give(ada, carl)

    services.approve(actor=bert, request_id=widening.id)

    assert grants_of(carl).scopes >= {"calendar:view"}


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL: SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_give__while_the_role_is_being_widened__waits_or_is_known_to_whoever_approves(
    ada: UUID, bert: UUID, carl: UUID, auditor: str
) -> None:
    given, widening = race(lambda: give(ada, carl), lambda: widen(ada))

    assert isinstance(widening, AccessRequest)
    membership = get_user_model().groups.through.objects.filter(user_id=carl, group__name=auditor).first()
    if isinstance(given, AccessRequest):
        assert membership is None
    else:
        assert membership is not None
        assert membership.pk <= widening.newest_member


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL: SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_approve__widening_and_giving_at_once__one_of_them_takes_effect_first(
    ada: UUID, bert: UUID, carl: UUID, auditor: str, make_user: MakeUser
) -> None:
    """Both lock the role before the request, so that neither waits for the other for good."""
    widening, giving = widen(ada), give(ada, carl)
    assert giving is not None

    outcomes = race(
        lambda: services.approve(actor=bert, request_id=widening.id),
        lambda: services.approve(actor=bert, request_id=giving.id),
        lambda: services.set_scopes(actor=bert, role=auditor, scopes=["calendar:view"], reason="less"),
        lambda: services.reject(actor=ada, request_id=widening.id, note="a mistake"),
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert {type(outcome) for outcome in refused} <= {MembersAdded, RequestClosed}
    assert grants_of(carl).roles == {auditor}
    assert is_staff(carl) is ("admin:*" in held_by_role(auditor))


@pytest.mark.parametrize("was", ["suspended", "erased"])
def test_approve__for_somebody_whose_account_was_closed_meanwhile__is_refused(
    ada: UUID, bert: UUID, carl: UUID, was: str
) -> None:
    waiting = services.give_role(actor=ada, user_id=carl, role="support", reason="joins us")
    assert waiting is not None
    people = get_user_model().objects.filter(pk=carl)
    people.delete() if was == "erased" else people.update(is_active=False)

    with pytest.raises(UserInactive):
        services.approve(actor=bert, request_id=waiting.id)

    assert not Role.objects.filter(user=carl).exists()
    assert not people.filter(is_staff=True).exists()
    waiting.refresh_from_db()
    assert waiting.status == "waiting"


# ---- the staff site --------------------------------------------------------------------------------------------------


def test_staff_site__members_of_a_widened_role__may_enter(ada: UUID, bert: UUID, carl: UUID, auditor: str) -> None:
    give(ada, carl)

    services.approve(actor=bert, request_id=widen(ada, "admin:people.read").id)

    assert is_staff(carl)


def test_staff_site__members_of_a_narrowed_role__may_not_unless_they_hold_another(
    ada: UUID, bert: UUID, carl: UUID, auditor: str, make_user: MakeUser
) -> None:
    root = make_user(is_superuser=True, is_staff=True).pk
    for member in (carl, root, bert):
        give(ada, member)
    services.approve(actor=bert, request_id=widen(ada, "admin:people.read").id)

    services.set_scopes(actor=ada, role=auditor, scopes=[], reason="less")

    assert [is_staff(member) for member in (carl, root, bert)] == [False, True, True]


def test_staff_site__role_narrowed_without_a_word_then_taken__is_shut(carl: UUID) -> None:
    """However it came about: the last role taken from somebody closes the staff site."""
    services.grant_role(actor=None, user_id=carl, role="client", reason="trial")
    get_user_model().objects.filter(pk=carl).update(is_staff=True)

    services.revoke_role(actor=None, user_id=carl, role="client", reason="leaves the company")

    assert not is_staff(carl)


def test_staff_site__everyday_role_of_staff_taken__stays_open(ada: UUID, make_user: MakeUser) -> None:
    root = make_user(is_superuser=True, is_staff=True).pk
    for member in (ada, root):
        services.grant_role(actor=None, user_id=member, role="client", reason="trial")
        services.revoke_role(actor=None, user_id=member, role="client", reason="trial over")

    assert is_staff(ada)
    assert is_staff(root)


def test_staff_site__role_with_more_members__costs_the_same(auditor: str, make_user: MakeUser) -> None:
    role, everything = Role.objects.get(name=auditor), list(Scope.objects.values_list("pk", flat=True))
    costs = []
    for count in (1, 8):
        for _ in range(count):
            services.grant_role(actor=None, user_id=make_user().pk, role=auditor, reason="trial")
        for permissions in (everything, []):
            with CaptureQueriesContext(connection) as queries:
                services.change_role(actor=None, role=role, permissions=permissions)
            costs.append(len(queries))

    assert costs[:2] == costs[2:]
