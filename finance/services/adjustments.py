"""Corrections by staff: money is put into an account or taken out of it, against the platform's own, with a reason."""

from uuid import UUID

from django.db import transaction

from access.services import record
from accounts.selectors import workspaces_of
from core.errors import Invalid, NotFound
from core.money import Money
from finance import ledger
from finance.errors import AdjustmentDiffers, CurrencyMismatch, OwnAccount
from finance.models import Account, Transaction
from finance.types import AccountKind, Category, Draft, TransactionKind


@transaction.atomic
def adjust(*, actor_id: UUID, account_id: UUID, amount: Money, reason: str, key: UUID) -> Transaction:
    """Put `amount` into an account of people's, or take it out where it is negative. People are shown the reason.

    What is tried again under the same `key` moves once: again, the first answer comes back.

    Raises:
        NotFound: there is no such account, or it is the platform's.
        OwnAccount: it is in a workspace of the actor's.
        CurrencyMismatch: it has another currency.
        InsufficientFunds: it holds less than is taken out.
        AdjustmentDiffers: under this key something else was posted.
        Invalid: the amount is zero, or there is no reason.
    """
    account = Account.objects.exclude(workspace=None).filter(id=account_id).first()
    if account is None:
        raise NotFound
    if amount.currency != account.currency:
        raise CurrencyMismatch
    if not amount.minor:
        raise Invalid.field("amount", "Move more than nothing.", "not_positive")
    reference = f"adjustment:{account_id}:{key}"
    return _post(actor_id, account, amount.minor, reason=reason, reference=reference)


@transaction.atomic
def take_back_adjustment(*, actor_id: UUID, transaction_id: UUID, reason: str) -> Transaction:
    """Post the opposite of an adjustment, once.

    Raises:
        NotFound: there is no such adjustment.
        OwnAccount: it was of an account in a workspace of the actor's.
        InsufficientFunds: what was put in has been spent.
        AdjustmentDiffers: it was taken back before, for another reason.
        Invalid: there is no reason.
    """
    adjusted = Transaction.objects.filter(kind=TransactionKind.ADJUSTMENT, id=transaction_id).first()
    if adjusted is None:
        raise NotFound
    moved = adjusted.postings.exclude(workspace=None).select_related("account").get()
    reference = f"adjustment:{adjusted.id}:back"
    return _post(actor_id, moved.account, -moved.amount, reason=reason, reference=reference, reverses=adjusted.id)


def _post(
    actor_id: UUID, account: Account, minor: int, *, reason: str, reference: str, reverses: UUID | None = None
) -> Transaction:
    reason = reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say why.", "blank")
    if account.workspace_id in workspaces_of(actor_id):
        raise OwnAccount
    other = ledger.platform_account(AccountKind.ADJUSTMENTS, account.currency)
    amounts = {account.id: minor, other.id: -minor}
    draft = Draft(TransactionKind.ADJUSTMENT, Category.OTHER, amounts, reason, reference, reverses)
    if known := ledger.find_posted(draft):
        if known.description != reason or not known.postings.filter(account=account, amount=minor).exists():
            raise AdjustmentDiffers
        return known
    posted = ledger.post(draft, actor_id=actor_id)
    record(
        action="ledger.adjusted",
        outcome="success",
        user_id=actor_id,
        target_type="ledger_account",
        target_id=account.id,
        reason=reason,
        amount=minor,
        currency=account.currency,
        transaction=str(posted.id),
        reverses=str(reverses or ""),
    )
    return posted
