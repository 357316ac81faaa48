"""The ledger: whatever moves in whatever order, nothing is made and nothing lost."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from access.types import Principal
from core.db.ids import uuid7
from core.errors import NotFound
from core.money import Money
from events.models import OutboxEvent
from finance import ledger, selectors, services
from finance.errors import InsufficientFunds, InvalidPayoutState, RefundTooLarge, Unbalanced
from finance.models import Account, Payout, Posting, Transaction
from finance.types import AccountKind, Category, Draft, PayoutStatus, TransactionKind
from tests.accounts import actors
from tests.finance.conftest import open_wallet, put

pytestmark = pytest.mark.django_db

IBAN = "DE02120300000000202051"


def draft(amounts: dict[UUID, int], reference: str = "") -> Draft:
    return Draft(TransactionKind.ADJUSTMENT, Category.OTHER, amounts, "by hand", reference)


def sound() -> bool:
    return not selectors.find_drift() and not selectors.find_unbalanced()


def test_post__balanced__moves_money_tells_of_it_and_keeps_the_running_balance(actor: Principal) -> None:
    source, target = open_wallet(actor), open_wallet(actor, "Other")
    put(source, 500)

    posted = ledger.post(draft({source.id: -200, target.id: 200}), actor_id=actor.user_id)

    rows = posted.postings.order_by("amount").values_list("account", "amount", "balance", "currency", "workspace")
    assert list(rows) == [
        (source.id, -200, 300, "USD", actor.workspace_id), (target.id, 200, 200, "USD", actor.workspace_id),
    ]  # fmt: skip
    assert OutboxEvent.objects.filter(name="finance.transaction.posted", aggregate_id=posted.id).count() == 1
    assert sound()


@pytest.mark.parametrize("amounts", [(-100, 99), (100, 100), (0, 0), (-100,), ()])
def test_post__unbalanced__moves_nothing(actor: Principal, amounts: tuple[int, ...]) -> None:
    accounts = [open_wallet(actor, name) for name in ("A", "B")]
    put(accounts[0], 500)

    with pytest.raises(Unbalanced):
        ledger.post(draft({each.id: amount for each, amount in zip(accounts, amounts, strict=False)}), actor_id=None)
    assert Transaction.objects.count() == 1


def test_post__two_currencies_that_sum_to_zero_together__is_unbalanced(actor: Principal) -> None:
    dollars = open_wallet(actor)
    put(dollars, 500)
    assert actor.workspace_id
    euros = services.open_account(workspace_id=actor.workspace_id, name="Euro", kind=AccountKind.WALLET, currency="EUR")

    with pytest.raises(Unbalanced):
        ledger.post(draft({dollars.id: -100, euros.id: 100}), actor_id=None)


def test_post__below_the_floor__moves_nothing(wallet: Account, actor: Principal) -> None:
    with pytest.raises(InsufficientFunds):
        ledger.post(draft({wallet.id: -100_01, open_wallet(actor, "B").id: 100_01}), actor_id=None)

    wallet.refresh_from_db()
    assert (wallet.balance, Posting.objects.filter(account=wallet).count()) == (100_00, 1)


def test_post__account_that_is_nowhere__is_not_found(wallet: Account) -> None:
    with pytest.raises(NotFound):
        ledger.post(draft({wallet.id: -1, uuid7(): 1}), actor_id=None)


def test_post__one_reference_twice__moves_once(wallet: Account, actor: Principal) -> None:
    other = open_wallet(actor, "B")

    first, again = (ledger.post(draft({wallet.id: -1, other.id: 1}, "cause:1"), actor_id=None) for _ in range(2))

    other.refresh_from_db()
    assert (first, other.balance) == (again, 1)


def test_balance__below_its_floor__is_refused_by_the_database_too(wallet: Account) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(id=wallet.id).update(balance=-1)


def test_refund__more_than_was_received__is_refused(wallet: Account) -> None:
    paid = Transaction.objects.get()
    services.refund(transaction_id=paid.id, amount=60_00, reference="r1")
    services.refund(transaction_id=paid.id, amount=60_00, reference="r1")

    with pytest.raises(RefundTooLarge):
        services.refund(transaction_id=paid.id, amount=40_01, reference="r2")
    services.refund(transaction_id=paid.id, amount=40_00, reference="r3")
    wallet.refresh_from_db()
    assert (wallet.balance, sound()) == (0, True)


class Ledger(RuleBasedStateMachine):
    """People, their accounts in three currencies, and everything that can be done, in any order."""

    CURRENCIES = ("USD", "JPY", "KWD")
    amounts = st.integers(1, 10_000)

    @initialize()
    def open_accounts(self) -> None:
        self.owner = actors.principal_behind(actors.sign_in(actors.make_user()))
        assert self.owner.workspace_id
        self.accounts = [
            services.open_account(
                workspace_id=self.owner.workspace_id,
                name=f"{currency} {number}",
                kind=AccountKind.WALLET,
                currency=currency,
            )
            for currency in self.CURRENCIES
            for number in range(2)
        ]
        self.expected: dict[UUID, int] = defaultdict(int)
        self.payments: list[tuple[UUID, UUID, int]] = []
        self.payouts: list[Payout] = []
        self.count = 0

    @rule(which=st.integers(0, 5), amount=amounts, fee=st.integers(0, 50))
    def pay(self, which: int, amount: int, fee: int) -> None:
        account, fee = self.accounts[which], min(fee, amount - 1)
        self.count += 1
        paid = services.pay(
            to_account=account.id, amount=Money(amount, account.currency), category=Category.GIG, fee=fee,
            reference=f"pay:{self.owner.session_id}:{self.count}",
        )  # fmt: skip
        self.expected[account.id] += amount - fee
        self.payments.append((paid.id, account.id, amount - fee))

    @rule(currency=st.integers(0, 2), there=st.booleans(), amount=amounts)
    def move(self, currency: int, there: bool, amount: int) -> None:
        pair = self.accounts[2 * currency : 2 * currency + 2]
        source, target = pair if there else pair[::-1]
        if self._may_take(source, amount):
            ledger.post(draft({source.id: -amount, target.id: amount}), actor_id=None)
            self.expected[source.id] -= amount
            self.expected[target.id] += amount
        else:
            with pytest.raises(InsufficientFunds):
                ledger.post(draft({source.id: -amount, target.id: amount}), actor_id=None)

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), amount=amounts)
    def refund(self, data: Any, amount: int) -> None:
        place = data.draw(st.integers(0, len(self.payments) - 1))
        paid, account_id, left = self.payments[place]
        self.count += 1
        try:
            services.refund(
                transaction_id=paid, amount=amount, reference=f"refund:{self.owner.session_id}:{self.count}"
            )
        except RefundTooLarge:
            assert amount > left
        except InsufficientFunds:
            assert self.expected[account_id] < amount
        else:
            self.payments[place] = (paid, account_id, left - amount)
            self.expected[account_id] -= amount

    @precondition(lambda self: self.payouts)
    @rule(data=st.data(), ending=st.sampled_from([services.settle_payout, services.fail_payout]))
    def end_payout(self, data: Any, ending: Any) -> None:
        payout = data.draw(st.sampled_from(self.payouts))
        reason = {"reason": "refused"} if ending is services.fail_payout else {}
        payout.refresh_from_db()
        if payout.status != PayoutStatus.PENDING:
            with pytest.raises(InvalidPayoutState):
                ending(actor_id=None, payout_id=payout.id, **reason)
            return
        ending(actor_id=None, payout_id=payout.id, **reason)
        if reason:
            self.expected[payout.account_id] += payout.amount

    @rule(which=st.integers(0, 5), amount=amounts)
    def request_payout(self, which: int, amount: int) -> None:
        account = self.accounts[which]
        if not self._may_take(account, amount):
            return
        payout = services.request_payout(
            actor=self.owner,
            account_id=account.id,
            amount=Money(amount, account.currency),
            iban=IBAN,
        )
        self.expected[account.id] -= amount
        self.payouts.append(payout)

    @invariant()
    def nothing_is_made_and_nothing_lost(self) -> None:
        assert sound()
        for account in Account.objects.filter(id__in=[account.id for account in self.accounts]):
            assert account.balance == self.expected[account.id] >= 0
            last = account.postings.order_by("-number").first()
            assert last is None or last.balance == account.balance

    def _may_take(self, account: Account, amount: int) -> bool:
        return self.expected[account.id] >= amount


def test_ledger__whatever_is_done_in_whatever_order__nothing_is_made_and_nothing_lost() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_transfers__in_circles_by_many_at_once__end_without_a_deadlock_and_without_drift(actor: Principal) -> None:
    accounts = [open_wallet(actor, name) for name in "ABCD"]
    for account in accounts:
        put(account, 1_000)

    def circle(number: int) -> int:
        moved = 0
        try:
            for step in range(12):
                source, target = accounts[(number + step) % 4], accounts[(number + step * 3 + 1) % 4]
                if source != target:
                    try:
                        ledger.post(draft({source.id: -170, target.id: 170}), actor_id=None)
                        moved += 1
                    except InsufficientFunds:
                        pass
        finally:
            connection.close()
        return moved

    with ThreadPoolExecutor(8) as pool:
        moved = sum(pool.map(circle, range(8)))

    assert moved > 20
    assert Transaction.objects.count() == 4 + moved
    assert sum(Account.objects.exclude(workspace=None).values_list("balance", flat=True)) == 4_000
    assert sound()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_payouts__two_at_once_of_all_there_is__one_is_made(actor: Principal) -> None:
    account = open_wallet(actor)
    put(account, 100_00)

    def ask(_: int) -> str:
        try:
            services.request_payout(actor=actor, account_id=account.id, amount=Money(60_00, "USD"), iban=IBAN)
        except InsufficientFunds:
            return "refused"
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(ask, range(6)))

    account.refresh_from_db()
    assert outcomes == ["made"] + ["refused"] * 5
    assert (account.balance, sound()) == (40_00, True)
