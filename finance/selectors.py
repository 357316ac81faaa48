"""Reading accounts and what moved on them. Who may see what is decided in `managers.py`."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, F, OuterRef, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from access.types import Principal
from core.errors import NotFound
from core.http.cursors import Position, keyset
from core.money import Money
from events.selectors import version_of
from finance.insights import Asked, Movement, Report, insights, report
from finance.managers import AccountQuerySet, ExportQuerySet, PayoutQuerySet, PostingQuerySet
from finance.models import Account, LedgerExport, Payout, Posting
from finance.periods import Granularity, Span, divided, previous, span_of
from finance.types import AccountKind, Chart, Day, Line, Overview, PayoutStatus, Totals

COLLECTIONS = ["finance_accounts", "finance_postings"]
OVERVIEW_DAYS = 30
LEDGER_ORDER = ("-posted_at", "-id")
LINES_AT_ONCE = 1000
WORKSPACES_AT_ONCE = 1000
_COLUMNS = (
    "id", "posted_at", "account_id", "account__name", "transaction_id", "transaction__kind", "transaction__category",
    "transaction__description", "amount", "balance", "currency",
)  # fmt: skip


def finance_version(principal: Principal) -> str:
    """What changes whenever money of the caller's workspace does. Read it before the rows."""
    return version_of(scopes=[f"w:{principal.workspace_id}"], collections=COLLECTIONS)


def list_accounts(principal: Principal) -> AccountQuerySet:
    accounts: AccountQuerySet = Account.objects.visible_to(principal)
    return accounts


def get_account(principal: Principal, account_id: UUID) -> Account:
    """Raises: NotFound, where the caller may see no such account."""
    found: Account | None = Account.objects.visible_to(principal).filter(id=account_id).first()
    if found is None:
        raise NotFound
    return found


def list_postings(principal: Principal) -> PostingQuerySet:
    """Every movement on the caller's accounts, with the transaction that it belongs to."""
    postings: PostingQuerySet = Posting.objects.visible_to(principal)
    return postings


def list_payouts(principal: Principal) -> PayoutQuerySet:
    payouts: PayoutQuerySet = Payout.objects.visible_to(principal)
    return payouts


def list_exports(principal: Principal) -> ExportQuerySet:
    exports: ExportQuerySet = LedgerExport.objects.visible_to(principal)
    return exports


def get_export(principal: Principal, export_id: UUID) -> LedgerExport:
    """Raises: NotFound, where the caller has no such export."""
    found: LedgerExport | None = list_exports(principal).filter(id=export_id).first()
    if found is None:
        raise NotFound
    return found


def list_lines(export: LedgerExport) -> PostingQuerySet:
    """The movements in an export: what whoever asked for it may see, and had been posted by then."""
    shown: PostingQuerySet = Posting.objects.visible_to(export)
    asked_at = export.created_at or timezone.now()
    return shown.filter(posted_at__gte=export.starts_at, posted_at__lt=export.ends_at, posted_at__lte=asked_at)


def ledger_lines(export: LedgerExport) -> Iterator[list[Line]]:
    """The lines of an export in the order of the ledger, batch after batch, each by one query at the same cost."""
    rows = list_lines(export).order_by(*LEDGER_ORDER)
    after = rows
    while batch := [Line(*row) for row in after.values_list(*_COLUMNS)[:LINES_AT_ONCE]]:
        yield batch
        after = rows.filter(keyset(LEDGER_ORDER, Position((batch[-1].posted_at, batch[-1].id))))


def overview(principal: Principal, today: date, zone: ZoneInfo) -> Overview:
    """What the caller has, and what moved on each of the last days of theirs."""
    accounts = list(list_accounts(principal).in_order())
    span = Span(today - timedelta(days=OVERVIEW_DAYS - 1), today)
    moved: dict[tuple[str, date], list[int]] = defaultdict(list)
    for movement in list_movements(principal, span, zone):
        moved[movement.currency, movement.day].append(movement.net)
    currencies = _currencies(accounts)
    days = [part.start for part in divided(span, Granularity.DAY)]
    return Overview(
        totals=[_totals(accounts, currency) for currency in currencies],
        accounts=accounts,
        series=[
            Chart(currency, [_day(day, moved[currency, day], currency) for day in days]) for currency in currencies
        ],
    )


def list_balances(principal: Principal) -> list[Totals]:
    """What the caller has in each currency, in the order of their accounts."""
    accounts = list(list_accounts(principal).in_order())
    return [_totals(accounts, currency) for currency in _currencies(accounts)]


def pending_payouts(principal: Principal) -> tuple[int, list[Money]]:
    """How many payouts are on their way to a bank, and how much they are in each currency."""
    pending = list_payouts(principal).filter(status=PayoutStatus.PENDING)
    sums = list(pending.values("currency").annotate(sum=Sum("amount"), count=Count("id")).order_by("currency"))
    return sum(each["count"] for each in sums), [Money(each["sum"], each["currency"]) for each in sums]


def _currencies(accounts: list[Account]) -> list[str]:
    return list(dict.fromkeys(account.currency for account in accounts))


def _totals(accounts: list[Account], currency: str) -> Totals:
    own = [account for account in accounts if account.currency == currency]
    held = sum(account.balance for account in own if account.kind == AccountKind.ESCROW)
    available = sum(account.balance for account in own) - held
    return Totals(currency, Money(available, currency), Money(held, currency))


def _day(day: date, moved: list[int], currency: str) -> Day:
    inflow, outflow = sum(net for net in moved if net > 0), -sum(net for net in moved if net < 0)
    return Day(day, Money(inflow, currency), Money(outflow, currency), Money(inflow - outflow, currency))


def wallet_insights(principal: Principal, asked: Asked, *, today: date, zone: ZoneInfo) -> Report:
    """What came in and went out over a period and the one before it, in one currency."""
    span = span_of(asked.period, today)
    before = previous(asked.period, span)
    now, then = (
        insights(list_movements(principal, each, zone), each, asked.granularity, asked.currency)
        for each in (span, before)
    )
    return report(asked, now, then, before)


def list_movements(principal: Principal, span: Span, zone: ZoneInfo) -> list[Movement]:
    """What each transaction of a span did to the caller's accounts, by one query. Moves among them are none.

    Days are those of `zone`.
    """
    start, end = (datetime.combine(day, time(), zone) for day in (span.start, span.end + timedelta(days=1)))
    moved = (
        list_postings(principal)
        .filter(posted_at__gte=start, posted_at__lt=end)
        .annotate(day=TruncDate("posted_at", tzinfo=zone))
        .values("day", "currency", "transaction__category", "transaction_id")
        .annotate(net=Sum("amount"))
        .exclude(net=0)
        .order_by("day", "transaction_id")
        .values_list("day", "currency", "transaction__category", "net")
    )
    return [Movement(*row) for row in moved]


def workspaces_without_accounts(after: UUID | None = None) -> list[tuple[UUID, str]]:
    """Id and currency of the next workspaces that have not got what each has from the start, in the order of ids."""
    memberships = get_user_model().workspaces.through.objects
    first = Account.objects.filter(workspace=OuterRef("workspace"), is_main=True)
    lacking = memberships.filter(~Exists(first), user__closed_at=None, **({"workspace__gt": after} if after else {}))
    found = lacking.order_by("workspace").values_list("workspace", "workspace__currency").distinct()
    return list(found[:WORKSPACES_AT_ONCE])


def find_drift() -> list[tuple[UUID, int, int]]:
    """Accounts whose balance is not the sum of their postings, as `(id, balance, sum)`. There should be none."""
    sums = dict(Posting.objects.values_list("account_id").annotate(sum=Sum("amount")))
    balances = Account.objects.values_list("id", "balance")
    return [(id_, balance, sums.get(id_, 0)) for id_, balance in balances if balance != sums.get(id_, 0)]


def find_unbalanced() -> list[UUID]:
    """Transactions that do not sum to zero in some currency. There should be none."""
    sums = Posting.objects.values("transaction_id", "currency").annotate(sum=Sum("amount")).exclude(sum=0)
    return sorted(set(sums.values_list(F("transaction_id"), flat=True)))
