"""What files of every format have in common: what they are about, and how values stand in their cells."""

import re
from dataclasses import dataclass
from datetime import datetime

from core.contributions.notices import Recipient
from finance.types import Line

COLUMNS = Line._fields
PDF_LINES = 10_000
_FORMULA = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"  # the last four are the wide forms of the first
# Where a cell may begin: at the start, and, for a spreadsheet that separates by semicolons or tabs and so does not see
# our quotes, after these and after a line break. Blanks before a formula are skipped, and quotes are taken off.
_CELL = re.compile(rf'(?:\A(?=[\t\r\n])|(?:\A|[;\t\r\n])(?=[\s"]*{_FORMULA}|\t))')


@dataclass(frozen=True, slots=True)
class About:
    """Which file is written, and for whom. `ends_at` is exclusive."""

    format: str
    starts_at: datetime
    ends_at: datetime
    reader: Recipient


def inert(text: str) -> str:
    """Text of people's as no spreadsheet takes any of it for a formula (OWASP, CSV injection)."""
    return _CELL.sub(r"\g<0>'", text)
