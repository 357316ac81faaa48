"""Whoever comes has somewhere to keep money: accounts open by themselves, once each."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts.demo import seed_demo_accounts
from accounts.events import FreelancerRegistered
from accounts.models import Membership, User, Workspace
from accounts.services import closing
from core.contributions.events import subscriptions
from core.errors import Invalid
from core.testing.races import race, repeat
from events import services as events
from events.models import OutboxEvent
from events.services.publishing import publish
from finance import selectors, services
from finance.demo import seed_demo_ledgers
from finance.models import Account, Transaction
from finance.types import AccountKind
from tests.accounts.actors import PrincipalOf

pytestmark = pytest.mark.django_db

FIRST = [("Wallet", "wallet", "USD", 0), ("Taxes", "savings", "USD", 1)]


def home_of(user: User) -> Workspace:
    return Workspace.objects.get(memberships__user=user)


def accounts_of(workspace: Workspace) -> list[tuple[Any, ...]]:
    rows = Account.objects.filter(workspace=workspace).in_order()
    return list(rows.values_list("name", "kind", "currency", "position"))


def registered(user: User) -> None:
    publish(FreelancerRegistered(aggregate_id=user.id, locale="en", timezone="UTC"), actor_id=user.id)
    events.dispatch()


def test_register__over_the_api__is_followed_by_accounts_that_are_listed(api: APIClient) -> None:
    body = {"email": "new@example.com", "password": "a long enough Phrase 71", "full_name": "New Comer"}
    answer = api.post("/v1/auth/register", body, format="json")
    assert answer.status_code == 201, answer.content

    events.dispatch()

    api.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    listed = api.get("/v1/finance/accounts").json()["data"]
    assert [(each["name"], each["kind"], each["balance"]["formatted"]) for each in listed] == [
        ("Wallet", "wallet", "$0.00"), ("Taxes", "savings", "$0.00"),
    ]  # fmt: skip


def test_subscriber__told_twice__opens_once_in_the_currency_of_the_workspace(
    freelancer: User, django_assert_num_queries: Any
) -> None:
    Workspace.objects.filter(memberships__user=freelancer).update(currency="JPY")
    [handle] = [wish.handle for wish in subscriptions() if wish.subscriber == "finance.open_accounts"]
    registered(freelancer)
    event: Any = type("Event", (), {"aggregate_id": freelancer.id})

    with django_assert_num_queries(3):
        handle(event)

    assert [row[:3] for row in accounts_of(home_of(freelancer))] == [
        ("Wallet", "wallet", "JPY"), ("Taxes", "savings", "JPY"),
    ]  # fmt: skip


def test_subscriber__person_has_gone__opens_nothing(freelancer: User) -> None:
    Membership.objects.filter(user=freelancer).delete()

    registered(freelancer)

    assert not Account.objects.exists()
    assert not OutboxEvent.objects.filter(name="finance.transaction.posted").exists()


def test_first_accounts__of_an_account_closed_for_good__are_opened_by_nothing(freelancer: User) -> None:
    closing.close(user_id=freelancer.id)  # who is still a member of their workspace, until that is erased

    registered(freelancer)
    call_command("open_accounts", stdout=StringIO())

    assert not Account.objects.exists()


def test_first_accounts__renamed_and_opened_again__stay_as_they_are(
    freelancer: User, principal_of: PrincipalOf
) -> None:
    registered(freelancer)
    wallet = Account.objects.get(kind=AccountKind.WALLET)
    services.rename_account(actor=principal_of(freelancer), account_id=wallet.id, name="Purse")

    registered(freelancer)

    assert [row[0] for row in accounts_of(home_of(freelancer))] == ["Purse", "Taxes"]


def test_main_account__a_second_of_its_kind__is_refused_by_the_database(freelancer: User) -> None:
    home = home_of(freelancer)
    services.open_first_accounts(workspace_id=home.id, currency="USD")
    services.open_account(workspace_id=home.id, name="Another", kind=AccountKind.WALLET, currency="USD")

    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(workspace=home, name="B", kind=AccountKind.WALLET, currency="EUR", is_main=True)


def test_first_accounts__no_such_currency__is_said(freelancer: User) -> None:
    with pytest.raises(Invalid):
        services.open_first_accounts(workspace_id=home_of(freelancer).id, currency="XXX")


@pytest.mark.django_db(transaction=True)
def test_first_accounts__opened_by_many_at_once__are_two(freelancer: User) -> None:
    home = home_of(freelancer)

    outcomes = race(*repeat(lambda: services.open_first_accounts(workspace_id=home.id, currency="USD"), 6))

    assert list(outcomes) == [None] * 6
    assert accounts_of(home) == FIRST


def test_command__workspaces_without_accounts__get_them_and_no_others(
    freelancer: User, other_freelancer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "WORKSPACES_AT_ONCE", 1)
    shared = Workspace.objects.create(name="Shared", currency="AED")
    for user in (freelancer, other_freelancer):
        Membership.objects.create(workspace=shared, user=user)
    registered(other_freelancer)
    said = StringIO()

    call_command("open_accounts", stdout=said)
    call_command("open_accounts", stdout=said)

    assert said.getvalue().splitlines() == ["2 workspaces have got accounts.", "0 workspaces have got accounts."]
    own = Workspace.objects.get(memberships__user=freelancer, is_personal=True)
    assert accounts_of(own) == FIRST
    assert [row[2] for row in accounts_of(shared)] == ["AED", "AED"]
    assert Account.objects.count() == 6


def test_command__a_currency_that_there_is_not__is_named_and_stops_no_other(
    freelancer: User, other_freelancer: User
) -> None:
    Workspace.objects.filter(memberships__user=freelancer).update(currency="XXX")
    errors = StringIO()

    with pytest.raises(CommandError, match="1 workspaces have got none"):
        call_command("open_accounts", stdout=StringIO(), stderr=errors)

    assert str(home_of(freelancer).id) in errors.getvalue()
    assert accounts_of(home_of(other_freelancer)) == FIRST


def test_demo__seeded_twice__people_have_earned_once() -> None:
    shares: list[float] = []
    seed_demo_accounts(shares.append)
    for _ in range(2):
        seed_demo_ledgers(shares.append)

    assert Transaction.objects.count() == 60
    assert sorted(set(Account.objects.exclude(workspace=None).values_list("name", flat=True))) == ["Taxes", "Wallet"]
    assert Account.objects.filter(is_main=True).count() == 6
