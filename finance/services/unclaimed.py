"""Money of people who are gone: it stays where it is, and is paid to whoever shows that it is theirs.

Not here: which money that is (`managers.py`).
"""

from uuid import UUID

from django.db import transaction

from access.services import record
from core.errors import Invalid, NotFound
from finance import ledger
from finance.errors import NotSpendable, StillClaimed
from finance.models import Account, Posting, Transaction
from finance.types import SPENDABLE, AccountKind, Category, Draft, TransactionKind


@transaction.atomic
def pay_unclaimed(*, actor_id: UUID, account_id: UUID, reason: str) -> Transaction:
    """Note that all there is in an account, which nobody is left to see, was paid out by hand. `reason` says how.

    Whoever does so at the same moment has paid the same money, and it moves once.

    Raises:
        NotFound: there is no such account, or it is the platform's.
        StillClaimed: somebody may see it, or it is empty.
        NotSpendable: what it holds is promised to somebody else.
        InsufficientFunds: something was taken out meanwhile.
        Invalid: there is no reason.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say how it was paid, without a name.", "blank")
    account = Account.objects.exclude(workspace=None).filter(id=account_id).first()
    if account is None:
        raise NotFound
    if not Account.objects.unclaimed().filter(id=account_id).exists():
        raise StillClaimed
    if account.kind not in SPENDABLE:
        raise NotSpendable
    return _post(actor_id, account, reason)


def _post(actor_id: UUID, account: Account, reason: str) -> Transaction:
    outside = ledger.platform_account(AccountKind.OUTSIDE, account.currency)
    newest = Posting.objects.filter(account=account).latest("number")
    draft = Draft(
        kind=TransactionKind.PAYOUT,
        category=Category.PAYOUT,
        amounts={account.id: -newest.balance, outside.id: newest.balance},
        description=reason,
        reference=f"unclaimed:{newest.id}",  # what there is after it is paid once
    )
    if known := ledger.find_posted(draft):
        return known
    posted = ledger.post(draft, actor_id=actor_id)
    record(
        action="ledger.unclaimed_paid",
        outcome="success",
        user_id=actor_id,
        target_type="ledger_account",
        target_id=account.id,
        reason=reason,
        amount=newest.balance,
        currency=account.currency,
        transaction=str(posted.id),
    )
    return posted
