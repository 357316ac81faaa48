"""Moving money between the accounts of one workspace."""

from uuid import UUID

from django.db import transaction

from access.types import Principal
from core.errors import Invalid
from core.money import Money
from finance import ledger
from finance.errors import CurrencyMismatch, NotSpendable
from finance.models import Transaction
from finance.selectors import get_account
from finance.types import SPENDABLE, Category, Draft, TransactionKind


@transaction.atomic
def transfer(
    *, actor: Principal, from_account: UUID, to_account: UUID, amount: Money, description: str = ""
) -> Transaction:
    """Move `amount` from one of the caller's accounts to another.

    Raises:
        NotFound: the caller may see no such account.
        CurrencyMismatch: the accounts or the amount have different currencies.
        NotSpendable: nothing can be taken out of the account.
        InsufficientFunds: it holds less.
        Invalid: the amount is not positive, or both accounts are the same.
    """
    source, target = get_account(actor, from_account), get_account(actor, to_account)
    if source.id == target.id:
        raise Invalid.field("to_account", "Choose another account.", "same_account")
    if amount.minor <= 0:
        raise Invalid.field("amount", "Move more than nothing.", "not_positive")
    if len({source.currency, target.currency, amount.currency}) > 1:
        raise CurrencyMismatch
    if source.kind not in SPENDABLE or target.kind not in SPENDABLE:
        raise NotSpendable
    draft = Draft(
        kind=TransactionKind.TRANSFER,
        category=Category.TRANSFER,
        amounts={source.id: -amount.minor, target.id: amount.minor},
        description=description,
    )
    return ledger.post(draft, actor_id=actor.user_id)
