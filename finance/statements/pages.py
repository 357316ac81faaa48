"""Pages to print (PDF), written as their reader writes money and times.

A PDF ends with a table of all its pages, so that the library holds them until then: a limit keeps that small.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import IO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from core.money import formatted
from finance.statements import letters
from finance.statements.layout import PDF_LINES, About
from finance.types import Line

SIZE, LEADING, MARGIN = 8, 11, 36  # points
WIDTH, HEIGHT = landscape(A4)
_TITLES = ("Posted", "Account", "Kind", "Category", "Description", "Amount", "Balance")
_WIDTHS = (92, 130, 62, 72, 214, 100, 100)  # points
_TO_THE_RIGHT = (5, 6)  # columns of amounts
_GAP = 6  # points between columns
_ROW_GAP = 3  # points between rows, less than half a line: so one sees which lines are one row


def write(target: IO[bytes], lines: Iterable[Line], about: About) -> None:
    """Raises: ValueError, where there are more lines than `PDF_LINES`."""
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), pageCompression=1)
    canvas.setTitle("Ledger")
    sheet = _Sheet(canvas, about)
    rest = iter(lines)
    for line in islice(rest, PDF_LINES):
        sheet.add(_cells(line, about))
    if next(rest, None) is not None:
        raise ValueError(f"A PDF holds at most {PDF_LINES} lines.")
    sheet.end()
    canvas.save()


class _Sheet:
    """Pages that are filled from above, each with its number and the titles of the columns."""

    def __init__(self, canvas: Canvas, about: About) -> None:
        self._canvas, self._about, self._page = canvas, about, 0
        self._begin()

    def add(self, cells: Sequence[str]) -> None:
        """Add one row, as high as its highest cell."""
        wrapped = [_laid_out(place, text) for place, text in enumerate(cells)]
        height = LEADING * max(map(len, wrapped))
        if self._y - height < MARGIN:
            self._canvas.showPage()
            self._begin()
        for place, texts in enumerate(wrapped):
            self._draw(place, texts)
        self._y -= height + _ROW_GAP

    def end(self) -> None:
        self._canvas.showPage()

    def _begin(self) -> None:
        self._page += 1
        self._y = HEIGHT - MARGIN
        reader = self._about.reader
        span = f"{reader.written(self._about.starts_at)} to {reader.written(self._about.ends_at)}"
        self._write(MARGIN, self._y, f"Ledger, {span} ({reader.zone.key})")
        page = f"Page {self._page}"
        self._write(WIDTH - MARGIN - letters.width_of(page, SIZE), self._y, page)
        self._y -= 2 * LEADING
        for place, title in enumerate(_TITLES):
            self._draw(place, [title])
        self._canvas.line(MARGIN, self._y - 3, WIDTH - MARGIN, self._y - 3)
        self._y -= LEADING + 3

    def _draw(self, place: int, texts: Sequence[str]) -> None:
        left, width = MARGIN + sum(_WIDTHS[:place]), _WIDTHS[place]
        for row, text in enumerate(texts):
            y = self._y - row * LEADING
            if place not in _TO_THE_RIGHT:
                self._write(left, y, text)
                continue
            wide = letters.width_of(text, SIZE)
            size = SIZE * min(1, (width - _GAP) / wide) if wide else SIZE  # digits stay together, however many
            self._write(left + width - letters.width_of(text, size), y, text, size)

    def _write(self, x: float, y: float, text: str, size: float = SIZE) -> None:
        for font, part in letters.runs(text):
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, y, part)
            x += letters.width_of(part, size)


def _cells(line: Line, about: About) -> tuple[str, ...]:
    locale = about.reader.locale
    return (
        about.reader.written(line.posted_at),
        line.account,
        line.kind,
        line.category,
        line.description,
        formatted(line.amount, line.currency, locale),
        formatted(line.balance, line.currency, locale),
    )


def _laid_out(place: int, text: str) -> list[str]:
    return [text] if place in _TO_THE_RIGHT else _wrapped(text, _WIDTHS[place] - _GAP)


def _wrapped(text: str, width: float) -> list[str]:
    """The text in lines that are no wider than `width`, broken at blanks where there are any."""
    lines, rest = [], text.translate(_BREAKS)
    while letters.width_of(rest, SIZE) > width:
        fits = _fitting(rest, width)
        blank = rest.rfind(" ", 1, fits + 1)
        end = blank if blank > 0 else fits
        lines.append(rest[:end])
        rest = rest[end:].lstrip(" ")
    return [*lines, rest]


def _fitting(text: str, width: float) -> int:
    """How many letters of a text fit, one at least."""
    used = 0.0
    for count, letter in enumerate(text):
        used += letters.width_of(letter, SIZE)
        if used > width:
            return max(count, 1)
    return len(text)


_BREAKS = {ord(letter): " " for letter in "\t\r\n\v\f"}
