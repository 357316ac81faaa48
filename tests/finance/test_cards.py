"""What money shows on the home screen."""

import pytest

from access.types import Principal
from core.contributions.cards import Card, Priority
from core.money import Money
from finance import cards, services
from finance.models import Account
from finance.types import AccountKind
from tests.finance.conftest import open_wallet, put

pytestmark = pytest.mark.django_db
IBAN = "DE02120300000000202051"


def test_balance__of_somebody_without_accounts__is_no_card(actor: Principal) -> None:
    assert list(cards.balance(actor)) == []


def test_balance__of_several_accounts__is_told_by_currency(actor: Principal, wallet: Account) -> None:
    put(open_wallet(actor, "Savings", AccountKind.SAVINGS), 20_50)
    put(open_wallet(actor, "Escrow", AccountKind.ESCROW), 5_00)

    assert list(cards.balance(actor)) == [
        Card(
            title="Wallet",
            subtitle="$120.50",
            priority=Priority.STANDING,
            link="finance",
            data={
                "totals": [{"currency": "USD", "available": Money(120_50, "USD"), "held": Money(5_00, "USD")}],
            },
        )
    ]


def test_balance__of_a_stranger__is_not_told(stranger: Principal, wallet: Account) -> None:
    assert list(cards.balance(stranger)) == []


def test_payouts__on_their_way__are_summed_up_until_they_end(actor: Principal, wallet: Account) -> None:
    assert list(cards.payouts(actor)) == []
    sent = [
        services.request_payout(actor=actor, account_id=wallet.id, amount=Money(minor, "USD"), iban=IBAN)
        for minor in (10_00, 20_00)
    ]

    assert list(cards.payouts(actor)) == [
        Card(
            title="2 payouts are on their way",
            subtitle="$30.00",
            priority=Priority.TODAY,
            link="finance/payouts",
            data={"total": 2, "amounts": [Money(30_00, "USD")]},
        )
    ]
    for payout in sent:
        services.settle_payout(actor_id=None, payout_id=payout.id)
    assert list(cards.payouts(actor)) == []
