"""The personal data of money. What tax law keeps stays, without the words and bank details of its owner."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from core.contributions.privacy import (
    Ageing,
    Anonymise,
    Basis,
    Category,
    Delete,
    Retain,
    StoredFile,
    data,
    personal,
)
from finance.models import OPEN_EXPORTS, Account, LedgerExport, Payout, Posting, Transaction
from finance.services.exports import stored_names

KEPT = "The books of a business are kept for ten years by law; they name nobody."
TEN_YEARS = "10 years after the end of the year"


def _home_of(path: str, user_id: UUID) -> Q:
    """Rows of the workspace that is one person's own."""
    return Q(**{f"{path}workspace__is_personal": True, f"{path}workspace__memberships__user": user_id})


personal(
    Account,
    "finance_accounts",
    of=lambda user_id: _home_of("", user_id) | Q(owner=user_id),
    purpose="Keep the person's money.",
    basis=Basis.CONTRACT,
    retention=TEN_YEARS,
    erase=Anonymise({"name": "Account"}, kept=KEPT),
    data=[
        data(Category.IDENTITY, "workspace owner"),
        data(Category.CONTENT, "name"),
        data(Category.FINANCE, "kind currency position is_main balance floor"),
    ],
)
personal(
    Transaction,
    "finance_transactions",
    of=lambda user_id: _home_of("postings__", user_id) | Q(actor_id=user_id),
    purpose="Tell what money was moved for.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=TEN_YEARS,
    erase=Anonymise({"description": ""}, kept=KEPT),
    data=[
        data(Category.IDENTITY, "actor_id"),
        data(Category.CONTENT, "description"),
        data(Category.FINANCE, "kind category reference reverses posted_at"),
    ],
)
personal(
    Posting,
    "finance_postings",
    of=lambda user_id: _home_of("", user_id),
    purpose="Tell what moved on the person's accounts.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=TEN_YEARS,
    erase=Retain(KEPT, TEN_YEARS),
    data=[data(Category.FINANCE, "transaction account workspace number amount currency balance posted_at")],
)
personal(
    Payout,
    "finance_payouts",
    of="requested_by",
    purpose="Pay the person's money out to their bank.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=TEN_YEARS,
    shared_with=("the bank that pays it out",),
    erase=Anonymise({"destination": "", "sealed_destination": b""}, kept=KEPT),
    withheld={"sealed_destination": "Sealed bank details; `destination` names the account."},
    data=[
        data(Category.IDENTITY, "requested_by"),
        data(Category.FINANCE, "account amount currency destination sealed_destination status failure settled_at"),
    ],
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
