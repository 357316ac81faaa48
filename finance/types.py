"""The words of money: kinds of accounts, of transactions, and how payouts and exports stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from core.money import Money


class AccountKind(StrEnum):
    """`wallet`, `savings` and `escrow` are people's; the others are the platform's own, one for each currency."""

    WALLET = "wallet"
    SAVINGS = "savings"  # what somebody puts aside, for taxes say
    ESCROW = "escrow"  # what is promised to somebody and not theirs yet
    OUTSIDE = "outside"  # where money comes from and goes to: cards and banks
    FEES = "fees"
    IN_TRANSIT = "in_transit"  # payouts on their way to a bank
    ADJUSTMENTS = "adjustments"  # what staff have put into accounts and taken out of them, so that it can be counted


SPENDABLE = frozenset({AccountKind.WALLET, AccountKind.SAVINGS})
OF_THE_PLATFORM = frozenset({AccountKind.OUTSIDE, AccountKind.FEES, AccountKind.IN_TRANSIT, AccountKind.ADJUSTMENTS})


class TransactionKind(StrEnum):
    PAYMENT = "payment"  # from outside, or from one workspace to another
    TRANSFER = "transfer"  # between accounts of one workspace
    PAYOUT = "payout"
    REFUND = "refund"
    FEE = "fee"
    ADJUSTMENT = "adjustment"  # by staff, with a reason


class Category(StrEnum):
    """What money was earned with or spent on, as charts group it."""

    PROJECT = "project"
    GIG = "gig"
    MENTORSHIP = "mentorship"
    HIRING = "hiring"
    SUBSCRIPTION = "subscription"
    TAX = "tax"
    FEE = "fee"
    PAYOUT = "payout"
    REFUND = "refund"
    TRANSFER = "transfer"
    OTHER = "other"


class PayoutStatus(StrEnum):
    """A payout is on its way from the moment it is asked for, and ends once."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


class ExportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class Viewer(Protocol):
    """Whose eyes rows are looked at with: a signed-in caller's, or later those of whoever asked for an export."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def workspace_id(self) -> UUID | None: ...


class Line(NamedTuple):
    """One movement, as a line of an export; amounts in minor units."""

    id: UUID
    posted_at: datetime
    account_id: UUID
    account: str
    transaction_id: UUID
    kind: str
    category: str
    description: str
    amount: int
    balance: int
    currency: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction to be posted.

    Args:
        amounts: account id -> minor units of that account's currency, signed; they sum to zero in each currency.
        reference: names the cause, such as `payout:<id>`. A cause is posted once, however often that is tried.
        reverses: the transaction that this one takes back, whole or in part.
    """

    kind: TransactionKind
    category: Category
    amounts: Mapping[UUID, int]
    description: str = ""
    reference: str = ""
    reverses: UUID | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What somebody has in one currency."""

    currency: str
    available: Money
    held: Money


@dataclass(frozen=True, slots=True)
class Day:
    """What came in and went out on one day, both positive."""

    day: date
    inflow: Money
    outflow: Money
    net: Money


@dataclass(frozen=True, slots=True)
class Chart:
    """Days ascending, of one currency."""

    currency: str
    points: list[Day]


@dataclass(frozen=True, slots=True)
class Overview:
    """`accounts` are rows of `finance.models.Account` in their order; the others go by currency, in the same order."""

    totals: list[Totals]
    accounts: list[Any]
    series: list[Chart]
