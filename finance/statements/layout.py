"""What files of every format have in common: what they are about, and how values stand in their cells."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.contributions.notices import Recipient
from finance.types import Line

COLUMNS = Line._fields
PDF_LINES = 10_000
_FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four are the wide forms of the first


@dataclass(frozen=True, slots=True)
class About:
    """Which file is written, and for whom. `ends_at` is exclusive."""

    format: str
    starts_at: datetime
    ends_at: datetime
    reader: Recipient


def inert(text: str) -> str:
    """Text of people's as no spreadsheet takes it for a formula (OWASP, CSV injection).

    Spreadsheets skip blanks before a formula, so that what follows them counts as well.
    """
    starts = text[:1] + text.lstrip()[:1]
    return text if _FORMULA_STARTS.isdisjoint(starts) else f"'{text}"


def timestamp(moment: datetime) -> str:
    """RFC 3339, as the API writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
