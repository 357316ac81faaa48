"""The ledger's core: every movement in one place, exact, and safe when many move at once.

A transaction's amounts sum to zero in each currency, so money is neither made nor lost. Accounts are locked in the
order of their ids, so two transactions over the same accounts wait for each other and never for a circle.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.db.ids import uuid7
from core.errors import NotFound
from core.money import is_currency
from events.services import publish
from finance.errors import InsufficientFunds, Unbalanced
from finance.events import TransactionPosted
from finance.models import Account, Posting, Transaction
from finance.types import OF_THE_PLATFORM, AccountKind, Draft


def post(draft: Draft, *, actor_id: UUID | None) -> Transaction:
    """Move money, in the caller's transaction. What has a reference moves once: again, the first answer comes back.

    Raises:
        Unbalanced: the amounts do not sum to zero, or one of them is zero.
        InsufficientFunds: an account would fall below its floor.
        NotFound: there is no such account.
    """
    with transaction.atomic():
        accounts = _locked(draft.amounts)
        if draft.reference and (known := Transaction.objects.filter(reference=draft.reference).first()):
            return known
        _check_balanced(draft.amounts, accounts)
        posted = Transaction(
            id=uuid7(),
            kind=draft.kind,
            category=draft.category,
            description=draft.description,
            reference=draft.reference or None,
            reverses_id=draft.reverses,
            posted_at=timezone.now(),
            actor_id=actor_id,
        )
        posted.save(force_insert=True)
        Posting.objects.bulk_create(_move(posted, account, draft.amounts[account.id]) for account in accounts)
        Account.objects.bulk_update(accounts, ["balance", "rev", "updated_at"])
        publish(TransactionPosted(aggregate_id=posted.id, kind=draft.kind, category=draft.category), actor_id=actor_id)
        return posted


def find_posted(draft: Draft) -> Transaction | None:
    """What was posted for the draft's cause, in the caller's transaction: its accounts stay locked, so nobody posts it
    meanwhile.

    Raises:
        NotFound: there is no such account.
    """
    _locked(draft.amounts)
    return Transaction.objects.filter(reference=draft.reference).first()


def platform_account(kind: AccountKind, currency: str) -> Account:
    """The platform's own account of a kind in a currency, opened when it is first needed."""
    assert kind in OF_THE_PLATFORM, f"{kind} accounts are people's."
    assert is_currency(currency), f"There is no currency {currency}."
    known = Account.objects.filter(workspace=None, kind=kind, currency=currency)
    found: Account | None = known.first()
    if found is None:
        name = kind.replace("_", " ").capitalize()
        Account.objects.bulk_create(  # somebody else may open it at the same time
            [Account(kind=kind, currency=currency, name=name, floor=None)], ignore_conflicts=True
        )
        found = known.get()
    return found


def _locked(amounts: Mapping[UUID, int]) -> list[Account]:
    found = list(Account.objects.filter(id__in=amounts).select_for_update(no_key=True).order_by("id"))
    if len(found) != len(amounts):
        raise NotFound
    return found


def _check_balanced(amounts: Mapping[UUID, int], accounts: Iterable[Account]) -> None:
    sums: Counter[str] = Counter()
    for account in accounts:
        sums[account.currency] += amounts[account.id]
    if not amounts or any(sums.values()) or not all(amounts.values()):
        raise Unbalanced(f"{dict(sums)} of {len(amounts)} accounts")


def _move(posted: Transaction, account: Account, amount: int) -> Posting:
    """Change the balance of a locked account, and say so."""
    account.balance += amount
    if amount < 0 and account.floor is not None and account.balance < account.floor:
        raise InsufficientFunds
    account.rev += 1
    account.updated_at = posted.posted_at
    return Posting(
        id=uuid7(),
        transaction=posted,
        account=account,
        workspace_id=account.workspace_id,
        number=account.rev,
        amount=amount,
        currency=account.currency,
        balance=account.balance,
        posted_at=posted.posted_at,
    )
