"""Paying money out to a bank: it leaves the account at once, and comes back if it does not arrive."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.selectors import payouts_held_until, workspaces_of
from core.db.changes import lock, save_changes
from core.errors import Invalid
from core.money import Money
from core.sealing import seal
from events.services import publish
from finance import ledger
from finance.errors import CurrencyMismatch, InvalidPayoutState, NotSpendable, OwnAccount, PayoutsHeld
from finance.events import PayoutCancelled, PayoutEvent, PayoutFailed, PayoutPaid, PayoutRequested
from finance.models import Account, Payout
from finance.selectors import get_account
from finance.types import AccountKind, Category, Draft, PayoutStatus, TransactionKind

PURPOSE = b"payout destination"
_SHOWN = 4  # last characters of a bank account


@transaction.atomic
def request_payout(*, actor: Principal, account_id: UUID, amount: Money, iban: str) -> Payout:
    """Send money from one of the caller's wallets to the bank account with this (valid) IBAN.

    Raises:
        PayoutsHeld: the caller's account was recovered, or changed its address, within a day.
        NotFound: the caller may see no such account.
        NotSpendable: it is no wallet.
        CurrencyMismatch: it has another currency.
        InsufficientFunds: it holds less.
        Invalid: the amount is not positive.
    """
    if held_until := payouts_held_until(actor.user_id):
        raise PayoutsHeld(held_until=held_until)
    account = get_account(actor, account_id)
    if account.kind != AccountKind.WALLET:
        raise NotSpendable
    if amount.currency != account.currency:
        raise CurrencyMismatch
    if amount.minor <= 0:
        raise Invalid.field("amount", "Pay out more than nothing.", "not_positive")
    payout = Payout.objects.create(
        account=account,
        requested_by_id=actor.user_id,
        amount=amount.minor,
        currency=amount.currency,
        destination=f"{iban[:2]}…{iban[-_SHOWN:]}",
        sealed_destination=seal(iban.encode(), purpose=PURPOSE),
    )
    _move(payout, account.id, _in_transit(payout).id, "requested", actor.user_id)
    _tell(PayoutRequested, payout, actor.user_id)
    return payout


@transaction.atomic
def cancel_payout(*, actor: Principal, payout_id: UUID) -> Payout:
    """Take a payout back while the bank has not been told.

    Raises:
        NotFound: the caller may see no such payout.
        InvalidPayoutState: it has ended.
    """
    payout = _open(payout_id, visible=Payout.objects.visible_to(actor))
    _move(payout, _in_transit(payout).id, payout.account_id, "cancelled", actor.user_id)
    _end(payout, PayoutStatus.CANCELLED)
    _tell(PayoutCancelled, payout, actor.user_id)
    return payout


@transaction.atomic
def settle_payout(*, actor_id: UUID | None, payout_id: UUID) -> Payout:
    """Note that the bank has paid.

    Raises:
        NotFound, InvalidPayoutState: there is no such payout, or it has ended.
        OwnAccount: the actor asked for it, or it left an account in a workspace of theirs.
    """
    payout = _open(payout_id)
    _refuse_own(payout, actor_id)
    outside = ledger.platform_account(AccountKind.OUTSIDE, payout.currency)
    _move(payout, _in_transit(payout).id, outside.id, "paid", actor_id)
    _end(payout, PayoutStatus.PAID)
    _tell(PayoutPaid, payout, actor_id)
    return payout


@transaction.atomic
def fail_payout(*, actor_id: UUID | None, payout_id: UUID, reason: str) -> Payout:
    """Note that the bank refused, and put the money back.

    Raises:
        NotFound, InvalidPayoutState: there is no such payout, or it has ended.
        OwnAccount: the actor asked for it, or it left an account in a workspace of theirs.
    """
    payout = _open(payout_id)
    _refuse_own(payout, actor_id)
    _move(payout, _in_transit(payout).id, payout.account_id, "failed", actor_id)
    _end(payout, PayoutStatus.FAILED, failure=reason)
    _tell(PayoutFailed, payout, actor_id, reason=reason)
    return payout


def _open(payout_id: UUID, visible: object = None) -> Payout:
    """A payout that has not ended, locked before any account is."""
    known = Payout.objects.all() if visible is None else Payout.objects.filter(id__in=visible.values("id"))  # type: ignore[attr-defined]
    payout: Payout = lock(known, id=payout_id)
    if payout.status != PayoutStatus.PENDING:
        raise InvalidPayoutState
    return payout


def _refuse_own(payout: Payout, actor_id: UUID | None) -> None:
    if actor_id is None:
        return
    if actor_id == payout.requested_by_id or payout.account.workspace_id in workspaces_of(actor_id):
        raise OwnAccount


def _move(payout: Payout, source: UUID, target: UUID, step: str, actor_id: UUID | None) -> None:
    is_told = payout.account_id in {source, target}  # else nobody's statement shows it
    draft = Draft(
        kind=TransactionKind.PAYOUT,
        category=Category.PAYOUT,
        amounts={source: -payout.amount, target: payout.amount},
        description=payout.destination if is_told else "",
        reference=f"payout:{payout.id}:{step}",
    )
    ledger.post(draft, actor_id=actor_id)


def _in_transit(payout: Payout) -> Account:
    return ledger.platform_account(AccountKind.IN_TRANSIT, payout.currency)


def _end(payout: Payout, status: PayoutStatus, failure: str = "") -> None:
    save_changes(payout, status=status, failure=failure, settled_at=timezone.now())


def _tell(event: type[PayoutEvent], payout: Payout, actor_id: UUID | None, **details: str) -> None:
    record(
        action=f"payout.{event.name.rpartition('.')[2]}",
        outcome="success",
        user_id=actor_id,
        target_type="user",
        target_id=payout.requested_by_id,
        amount=payout.amount,
        currency=payout.currency,
        payout=str(payout.id),
    )
    assert payout.account.workspace_id, "Payouts leave wallets, and those belong to a workspace."
    publish(
        event(
            aggregate_id=payout.id,
            workspace_id=payout.account.workspace_id,
            requested_by=payout.requested_by_id,
            amount=payout.amount,
            currency=payout.currency,
            **details,
        ),
        actor_id=actor_id,
    )
