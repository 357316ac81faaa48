"""Comma-separated values (RFC 4180) in UTF-8: amounts are plain decimals with the currency beside them.

Texts are quoted and amounts are not.
"""

import csv
from collections.abc import Iterable
from decimal import Decimal
from io import TextIOWrapper
from typing import IO

from core.money import Money
from core.timezones import rfc3339
from finance.statements.layout import COLUMNS, About, inert
from finance.types import Line


def write(target: IO[bytes], lines: Iterable[Line], about: About) -> None:
    text = TextIOWrapper(target, encoding="utf-8", newline="", write_through=False)
    try:
        rows = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
        rows.writerow(COLUMNS)
        rows.writerows(map(_cells, lines))
    finally:
        text.detach()  # flushes; the file stays open for whoever gave it


def _cells(line: Line) -> tuple[str | Decimal, ...]:
    """Only what people wrote can be mistaken for a formula; a negative amount must stay a number."""
    return (
        str(line.id),
        rfc3339(line.posted_at),
        str(line.account_id),
        inert(line.account),
        str(line.transaction_id),
        line.kind,
        line.category,
        inert(line.description),
        Money(line.amount, line.currency).decimal,  # four digits at most, which no decimal writes with an exponent
        Money(line.balance, line.currency).decimal,
        line.currency,
    )
