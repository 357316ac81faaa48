"""What money shows on the home screen."""

from collections.abc import Iterable

from access.types import Principal
from core.contributions.cards import Card, Priority, card
from core.money import Money, formatted
from finance.scopes import READ, VIEW
from finance.selectors import list_balances, pending_payouts


@card("wallet_balance", "What one has, in each currency.", scope=VIEW, since="2024.08")
def balance(principal: Principal) -> Iterable[Card]:
    totals = list_balances(principal)
    if totals:
        yield Card(
            title="Wallet",
            subtitle=_written([each.available for each in totals], principal.locale),
            priority=Priority.STANDING,
            link="finance",
            data={
                "totals": [
                    {"currency": each.currency, "available": each.available, "held": each.held} for each in totals
                ]
            },
        )


@card("pending_payouts", "Payouts that are on their way to a bank.", scope=READ, since="2024.09")
def payouts(principal: Principal) -> Iterable[Card]:
    count, amounts = pending_payouts(principal)
    if count:
        yield Card(
            title="1 payout is on its way" if count == 1 else f"{count} payouts are on their way",
            subtitle=_written(amounts, principal.locale),
            priority=Priority.TODAY,
            link="finance/payouts",
            data={"total": count, "amounts": amounts},
        )


def _written(amounts: Iterable[Money], locale: str) -> str:
    return " · ".join(formatted(money.minor, money.currency, locale) for money in amounts)
