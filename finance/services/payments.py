"""Money that comes in, from outside or from another workspace, and what is given back of it. For other apps to call."""

from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from core.db.changes import lock
from core.money import Money
from finance import ledger
from finance.errors import CurrencyMismatch, RefundTooLarge
from finance.models import Account, Posting, Transaction
from finance.types import AccountKind, Category, Draft, TransactionKind


@transaction.atomic
def pay(
    *,
    to_account: UUID,
    amount: Money,
    category: Category,
    reference: str,
    from_account: UUID | None = None,
    fee: int = 0,
    description: str = "",
    actor_id: UUID | None = None,
) -> Transaction:
    """Pay into an account, out of another or from outside, less a fee for the platform (minor units).

    Raises:
        CurrencyMismatch: the accounts or the amount have different currencies.
        InsufficientFunds: the paying account holds less.
        NotFound: there is no such account.
    """
    assert 0 <= fee < amount.minor, "A fee is less than what it is taken from."
    target = Account.objects.filter(id=to_account).get()
    payer = Account.objects.filter(id=from_account).get() if from_account else _outside(amount.currency)
    if {payer.currency, target.currency} != {amount.currency}:
        raise CurrencyMismatch
    amounts = {payer.id: -amount.minor, target.id: amount.minor - fee}
    if fee:
        amounts[ledger.platform_account(AccountKind.FEES, amount.currency).id] = fee
    draft = Draft(TransactionKind.PAYMENT, category, amounts, description, reference)
    return ledger.post(draft, actor_id=actor_id)


@transaction.atomic
def refund(*, transaction_id: UUID, amount: int, reference: str, actor_id: UUID | None = None) -> Transaction:
    """Give back `amount` minor units of a payment to whoever paid it. The platform keeps its fee.

    Raises:
        NotFound: there is no such payment.
        RefundTooLarge: with what was given back before, it is more than was received.
        InsufficientFunds: the receiver has spent it.
    """
    assert amount > 0, "Give back more than nothing."
    paid = lock(Transaction.objects.filter(kind=TransactionKind.PAYMENT), id=transaction_id)
    payer, receiver = _sides(paid)
    if known := Transaction.objects.filter(reference=reference).first():
        return known
    given = Posting.objects.filter(transaction__reverses=paid, account_id=receiver.account_id)
    before = -(given.aggregate(sum=Sum("amount"))["sum"] or 0)
    if before + amount > receiver.amount:
        raise RefundTooLarge
    amounts = {receiver.account_id: -amount, payer.account_id: amount}
    draft = Draft(TransactionKind.REFUND, Category.REFUND, amounts, paid.description, reference, paid.id)
    return ledger.post(draft, actor_id=actor_id)


def _sides(paid: Transaction) -> tuple[Posting, Posting]:
    """Who paid, and who received; the platform's fee is neither."""
    sides = paid.postings.exclude(account__kind=AccountKind.FEES).order_by("amount")
    payer, receiver = sides
    return payer, receiver


def _outside(currency: str) -> Account:
    return ledger.platform_account(AccountKind.OUTSIDE, currency)
