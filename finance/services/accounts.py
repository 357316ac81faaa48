"""Opening and naming accounts."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max

from access.types import Principal
from core.db.changes import lock, save_changes
from core.errors import Invalid
from core.money import is_currency
from finance.models import Account
from finance.types import SPENDABLE, AccountKind

FIRST_ACCOUNTS = (("Wallet", AccountKind.WALLET), ("Taxes", AccountKind.SAVINGS))
"""What every workspace has from the start, in order. Their names are the owners' to change."""


def open_first_accounts(*, workspace_id: UUID, currency: str) -> None:
    """Open what a workspace has from the start where it is missing, however often and by however many at once.

    Raises:
        Invalid: ISO 4217 knows no such currency.
    """
    _check_currency(currency)
    Account.objects.bulk_create(  # a constraint decides who opens them
        [
            Account(workspace_id=workspace_id, name=name, kind=kind, currency=currency, position=position, is_main=True)
            for position, (name, kind) in enumerate(FIRST_ACCOUNTS)
        ],
        ignore_conflicts=True,
    )


def open_account(
    *, workspace_id: UUID, name: str, kind: AccountKind, currency: str, owner_id: UUID | None = None
) -> Account:
    """Open an account of a workspace, after those that it has.

    Raises:
        Invalid: ISO 4217 knows no such currency.
    """
    assert kind in SPENDABLE or kind is AccountKind.ESCROW, f"{kind} accounts are the platform's."
    _check_currency(currency)
    last = Account.objects.filter(workspace_id=workspace_id).aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    return Account.objects.create(
        workspace_id=workspace_id, owner_id=owner_id, name=name, kind=kind, currency=currency, position=position
    )


@transaction.atomic
def rename_account(*, actor: Principal, account_id: UUID, name: str) -> Account:
    """Raises: NotFound, where the caller may see no such account."""
    account: Account = lock(Account.objects.visible_to(actor), id=account_id)
    return save_changes(account, name=name)


def _check_currency(currency: str) -> None:
    if not is_currency(currency):
        raise Invalid.field("currency", "Use a code of ISO 4217, such as USD.", "unknown_currency")
