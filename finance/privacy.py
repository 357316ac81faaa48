"""The personal data of money. The books stay, without the words and bank details of who is erased."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from core.contributions.privacy import (
    Ageing,
    Basis,
    Category,
    Delete,
    Perform,
    Retain,
    StoredFile,
    data,
    personal,
)
from finance import services
from finance.managers import AccountQuerySet
from finance.models import OPEN_EXPORTS, Account, LedgerExport, Payout, Posting, Transaction
from finance.services.exports import stored_names

KEPT = "The books of a business are kept by law; they name nobody. What money is left stays to be claimed."
WORDS_KEPT = "What is told to somebody else, too, is part of their books; the rest is blank."
BOOKS = "as long as there are books, 10 years after the end of the year at least: balances stand on every entry"


def _own(user_id: UUID) -> AccountQuerySet:
    """The accounts that are a person's alone. Who only moved money has no part in it."""
    own: AccountQuerySet = Account.objects.belonging_to(user_id)
    return own


personal(  # before all other money: what is on its way has to arrive first
    Payout,
    "finance_payouts",
    of="requested_by",
    purpose="Pay the person's money out to their bank.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=BOOKS,
    shared_with=("the bank that pays it out",),
    erase=Perform(services.forget_payouts, kept="What was paid out and when, without where to.", until=BOOKS),
    withheld={"sealed_destination": "Sealed bank details; `destination` names the account."},
    data=[
        data(Category.IDENTITY, "requested_by"),
        data(Category.FINANCE, "account amount currency status failure settled_at"),
        data(Category.FINANCE, "destination sealed_destination", retention="as long as the account exists"),
    ],
)
personal(
    Account,
    "finance_accounts",
    of=lambda user_id: Q(id__in=_own(user_id)),
    purpose="Keep the person's money.",
    basis=Basis.CONTRACT,
    retention=BOOKS,
    erase=Perform(services.forget_accounts, kept=KEPT, until=BOOKS),
    data=[
        data(Category.IDENTITY, "workspace owner"),
        data(Category.CONTENT, "name"),
        data(Category.FINANCE, "kind currency position is_main balance floor"),
    ],
)
personal(
    Transaction,
    "finance_transactions",
    of=lambda user_id: Q(postings__account__in=_own(user_id)),
    purpose="Tell what money was moved for.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=BOOKS,
    shared_with=("the other side of a payment",),
    erase=Perform(services.forget_descriptions, kept=f"{KEPT} {WORDS_KEPT}", until=BOOKS),
    data=[
        data(Category.IDENTITY, "actor_id"),
        data(Category.CONTENT, "description"),
        data(Category.FINANCE, "kind category reference reverses posted_at"),
    ],
)
personal(
    Posting,
    "finance_postings",
    of=lambda user_id: Q(account__in=_own(user_id)),
    purpose="Tell what moved on the person's accounts.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=BOOKS,
    erase=Retain(KEPT, BOOKS),
    data=[data(Category.FINANCE, "transaction account workspace number amount currency balance posted_at")],
)
personal(
    LedgerExport,
    "finance_exports",
    of="user",
    purpose="Hand people their movements as a file.",
    basis=Basis.CONTRACT,
    retention="the file 1 day; the note of it 30 days",
    erase=Delete(),
    files=lambda export: [StoredFile(name, is_exported=False) for name in stored_names(export)],
    withheld={"file": "Where the copy lies; what it holds is in `finance_postings`."},
    ageing=(
        Ageing(
            "finance_exports.delete",
            after=timedelta(days=30),
            since="created_at",
            where=~Q(status__in=OPEN_EXPORTS),
        ),
    ),
    data=[
        data(Category.IDENTITY, "user workspace"),
        data(Category.ACTIVITY, "format starts_at ends_at status done total attempts due_at ready_at expires_at"),
        data(Category.FINANCE, "file size"),
    ],
)
