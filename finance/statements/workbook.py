"""Spreadsheets (Office Open XML), each row of which is on disk before the next one comes."""

import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC
from typing import IO, Any

from xlsxwriter import Workbook

from core.money import Money, exponent
from finance.statements.layout import COLUMNS, About, inert
from finance.types import Line

ROWS_OF_A_SHEET = 1_000_000  # the format ends at 1,048,576
EXACT = 10**15  # a spreadsheet's numbers have fifteen digits
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDTHS = (38, 20, 38, 24, 38, 12, 14, 40, 16, 16, 9)  # characters, in the order of the columns


def write(target: IO[bytes], lines: Iterable[Line], about: About) -> None:
    """Write one sheet, and another one whenever it is full. What lay on disk is gone whatever happens."""
    with tempfile.TemporaryDirectory() as folder:
        book = Workbook(target, {"constant_memory": True, "tmpdir": folder, **_PLAIN})
        sheets = _Sheets(book)
        for line in lines:
            sheets.add(line)
        book.close()


class _Sheets:
    """The sheets of a workbook, one after the other."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._amounts: dict[str, Any] = {}
        self._begin()

    def add(self, line: Line) -> None:
        if self._row > ROWS_OF_A_SHEET:
            self._begin()
        for column, put in enumerate(self._cells(line)):
            put(self._row, column)
        self._row += 1

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        for column, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, name, self._bold)
        self._sheet.freeze_panes(1, 0)
        self._row = 1

    def _cells(self, line: Line) -> tuple[Callable[[int, int], object], ...]:
        return (
            self._text(line.id),
            self._time(line),
            self._text(line.account_id),
            self._text(inert(line.account)),
            self._text(line.transaction_id),
            self._text(line.kind),
            self._text(line.category),
            self._text(inert(line.description)),
            self._amount(line.amount, line.currency),
            self._amount(line.balance, line.currency),
            self._text(line.currency),
        )

    def _text(self, value: object) -> Callable[[int, int], object]:
        """Never a formula: the cell's type says that it is text. The mark stays for those who save it as CSV."""
        return lambda row, column: self._sheet.write_string(row, column, str(value))

    def _time(self, line: Line) -> Callable[[int, int], object]:
        """In UTC, as a cell knows no time zone."""
        moment = line.posted_at.astimezone(UTC).replace(tzinfo=None)
        return lambda row, column: self._sheet.write_datetime(row, column, moment, self._moment)

    def _amount(self, minor: int, currency: str) -> Callable[[int, int], object]:
        """A number that can be summed up; as text where a spreadsheet would round it."""
        money = Money(minor, currency)
        if abs(minor) >= EXACT:
            return self._text(money)
        return lambda row, column: self._sheet.write_number(row, column, money.decimal, self._style(currency))

    def _style(self, currency: str) -> Any:
        if currency not in self._amounts:
            digits = exponent(currency)
            self._amounts[currency] = self._book.add_format({"num_format": f"0.{'0' * digits}" if digits else "0"})
        return self._amounts[currency]
