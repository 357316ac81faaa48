"""What happened to money."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.contributions.events import DomainEvent, Publicity


@dataclass(frozen=True, kw_only=True)
class TransactionPosted(DomainEvent):
    """Money moved; `aggregate_id` is the transaction. Amounts are in the ledger."""

    name: ClassVar[str] = "finance.transaction.posted"
    aggregate: ClassVar[str] = "finance.transaction"

    kind: str
    category: str


@dataclass(frozen=True, kw_only=True)
class PayoutEvent(DomainEvent):
    """Base of what happens to a payout. `amount` is in minor units of `currency`."""

    aggregate: ClassVar[str] = "finance.payout"
    public = Publicity(("requested_by", "amount", "currency"), workspace="workspace_id")

    workspace_id: UUID
    requested_by: UUID
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PayoutRequested(PayoutEvent):
    name: ClassVar[str] = "finance.payout.requested"


@dataclass(frozen=True, kw_only=True)
class PayoutPaid(PayoutEvent):
    name: ClassVar[str] = "finance.payout.paid"


@dataclass(frozen=True, kw_only=True)
class PayoutFailed(PayoutEvent):
    """The bank did not take it; the money is back in the account."""

    name: ClassVar[str] = "finance.payout.failed"

    reason: str


@dataclass(frozen=True, kw_only=True)
class PayoutCancelled(PayoutEvent):
    """Whoever asked for it took it back in time."""

    name: ClassVar[str] = "finance.payout.cancelled"


@dataclass(frozen=True, kw_only=True)
class LedgerExportReady(DomainEvent):
    """A file of the ledger can be downloaded; `aggregate_id` is the export."""

    name: ClassVar[str] = "finance.export.ready"
    aggregate: ClassVar[str] = "finance.export"

    requested_by: UUID
    format: str
