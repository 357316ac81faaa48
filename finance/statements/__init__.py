"""The ledger as a file: plain text, a spreadsheet, or pages to print, written line after line in constant memory.

Not here: which lines are whose (`finance/selectors.py`), and when files are made (`finance/services/exports.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import IO

from finance.statements.layout import PDF_LINES, About
from finance.types import ExportFormat, Line

__all__ = ["CONTENT_TYPES", "LIMITS", "About", "write"]

CONTENT_TYPES: Mapping[str, str] = {
    ExportFormat.CSV: "text/csv; charset=utf-8; header=present",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.PDF: "application/pdf",
}
LIMITS: Mapping[str, int] = {ExportFormat.PDF: PDF_LINES}
"""How many lines a file of a format holds, where there is a limit."""

# Loaded with the first file, as their libraries take a fifth of a second that no process needs to start.
_WRITERS: Mapping[str, str] = {
    ExportFormat.CSV: "finance.statements.delimited",
    ExportFormat.XLSX: "finance.statements.workbook",
    ExportFormat.PDF: "finance.statements.pages",
}


def write(target: IO[bytes], lines: Iterable[Line], about: About) -> None:
    """Write lines, in the order they come in, to an open file."""
    writer: Callable[[IO[bytes], Iterable[Line], About], None] = import_module(_WRITERS[about.format]).write
    writer(target, lines, about)
