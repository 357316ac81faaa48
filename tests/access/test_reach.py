"""How far staff reach over each other: nobody shuts out who is mightier, and somebody stays who gives roles."""

from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from access import services
from access.errors import LastAdmin, RoleOutOfReach
from access.selectors import count_admins
from core.testing.races import race
from tests.access.conftest import MakeUser, admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(make_user: MakeUser) -> UUID:
    found: UUID = make_user("root@example.com", is_superuser=True).pk
    return found


def holder(make_user: MakeUser, role: str) -> UUID:
    user = make_user()
    services.grant_role(actor=None, user_id=user.pk, role=role, reason="trial")
    found: UUID = user.pk
    return found


def missing(actor: UUID, user_id: UUID) -> list[str]:
    with pytest.raises(RoleOutOfReach) as refused:
        services.check_may_suspend(actor=actor, user_id=user_id)
    found: list[str] = refused.value.extra["missing"]
    return found


@pytest.mark.parametrize(
    ("actor", "other"),
    [
        ("support", "client"),
        ("support_lead", "support"),
        ("support_lead", "support_lead"),
        ("admin", "support_lead"),
        ("admin", "finance_ops"),
        ("admin", "admin"),
    ],
)
def test_check_may_suspend__somebody_no_mightier__passes(make_user: MakeUser, actor: str, other: str) -> None:
    services.check_may_suspend(actor=holder(make_user, actor), user_id=holder(make_user, other))


def test_check_may_suspend__unknown_person__passes(ada: UUID) -> None:
    services.check_may_suspend(actor=ada, user_id=uuid4())


def test_check_may_suspend__somebody_mightier__is_refused_with_what_is_missing(make_user: MakeUser, ada: UUID) -> None:
    lead = holder(make_user, "support_lead")

    assert "admin:*" in missing(lead, ada)
    assert missing(lead, holder(make_user, "finance_ops")) == ["admin:finance"]


def test_check_may_suspend__suspended_admin__is_out_of_reach_of_whoever_would_reopen_the_account(
    make_user: MakeUser, ada: UUID
) -> None:
    get_user_model().objects.filter(pk=ada).update(is_active=False)

    assert "admin:*" in missing(holder(make_user, "support_lead"), ada)


def test_check_may_suspend__superuser__takes_a_superuser(ada: UUID, root: UUID, make_user: MakeUser) -> None:
    assert missing(ada, root) == ["superuser"]
    services.check_may_suspend(actor=make_user(is_superuser=True).pk, user_id=root)
    services.check_may_suspend(actor=root, user_id=ada)


def test_check_may_leave__last_admin__is_refused(ada: UUID, carl: UUID) -> None:
    with transaction.atomic():
        services.check_may_leave(user_id=carl)
        with pytest.raises(LastAdmin):
            services.check_may_leave(user_id=ada)


@pytest.mark.parametrize("given", [{"is_superuser": True}, {}])
def test_check_may_leave__one_of_two_admins__may(ada: UUID, make_user: MakeUser, given: dict[str, bool]) -> None:
    other = make_user(**given)
    if not given:
        admin(other)

    with transaction.atomic():
        services.check_may_leave(user_id=ada)
        services.check_may_leave(user_id=other.pk)


def test_check_may_leave__the_other_admin_is_suspended__is_refused(ada: UUID, bert: UUID) -> None:
    get_user_model().objects.filter(pk=bert).update(is_active=False)

    with transaction.atomic(), pytest.raises(LastAdmin):
        services.check_may_leave(user_id=ada)


def test_check_may_leave__nobody_is_an_admin__everybody_may(carl: UUID) -> None:
    with transaction.atomic():
        services.check_may_leave(user_id=carl)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL: SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_check_may_leave__last_two_at_once__one_stays(ada: UUID, bert: UUID) -> None:
    def leave(user_id: UUID) -> None:
        with transaction.atomic():
            services.check_may_leave(user_id=user_id)
            get_user_model().objects.filter(pk=user_id).update(is_active=False)

    outcomes = race(lambda: leave(ada), lambda: leave(bert))

    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [LastAdmin]
    assert count_admins() == 1
