"""What people are told of their money."""

from collections.abc import Mapping
from datetime import timedelta

from core.contributions.events import Published
from core.contributions.notices import Category, Notice, Recipient, Words, declare_notices, id_in
from core.money import formatted
from finance.events import LedgerExportReady, PayoutFailed, PayoutPaid


def _format(event: Published, recipient: Recipient) -> Mapping[str, object]:
    return {"format": str(event.payload["format"]).upper()}


def _amount(event: Published, recipient: Recipient) -> Mapping[str, object]:
    """The amount as the reader's locale writes it; `amount` itself stays in minor units."""
    return {"written": formatted(event.payload["amount"], event.payload["currency"], recipient.locale)}


declare_notices(
    Notice(
        event=PayoutPaid.name,
        category=Category.FINANCE,
        recipients=id_in("requested_by"),
        words={
            "en": Words("Paid out: {written}", "{written} were sent to your bank account."),
            "de": Words("Ausgezahlt: {written}", "{written} wurden auf dein Bankkonto überwiesen."),
        },
        values=_amount,
        deep_link="finance/payouts/{aggregate_id}",
        metadata=("amount", "currency"),
    ),
    Notice(
        event=PayoutFailed.name,
        category=Category.FINANCE,
        recipients=id_in("requested_by"),
        words={
            "en": Words("Your payout of {written} failed", "{reason}. The money is back in your account."),
            "de": Words("Deine Auszahlung von {written} ist gescheitert", "Das Geld ist wieder auf deinem Konto."),
        },
        values=_amount,
        deep_link="finance/payouts/{aggregate_id}",
        metadata=("amount", "currency", "reason"),
    ),
    Notice(
        event=LedgerExportReady.name,
        category=Category.FINANCE,
        recipients=id_in("requested_by"),
        words={
            "en": Words("Your {format} file is ready", "Your movements can be downloaded for a day."),
            "de": Words("Deine {format}-Datei ist fertig", "Deine Buchungen lassen sich einen Tag lang laden."),
        },
        values=_format,
        deep_link="finance/exports/{aggregate_id}",
        metadata=("format",),
        useful_for=timedelta(days=1),
    ),
)
