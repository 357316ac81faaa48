"""Amounts of money: whole minor units of a currency, exact, and written for people as their locale does (CLDR).

How many digits a currency has is ISO 4217's word. Nothing here is a float, and nothing rounds.
"""

import re
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

MAX_MINOR = 10**15  # of one amount; sums of many thousands still fit a column of 8 bytes
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class Money:
    """`Money(1250, "USD")` is twelve dollars fifty."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read a plain decimal such as `12.50`.

        Raises:
            ValueError: no plain decimal, more digits than the currency has, too large, or no such currency.
        """
        digits = exponent(currency)
        if not _DECIMAL.fullmatch(text):
            raise ValueError("Write a plain decimal, such as 12.50.")
        minor = Decimal(text).scaleb(digits)
        if minor != int(minor):
            raise ValueError(f"{currency} has {digits} digits after the point.")
        if abs(minor) > MAX_MINOR:
            raise ValueError("The amount is too large.")
        return cls(int(minor), currency)

    @classmethod
    def of(cls, minor: int, currency: str) -> Self:
        """Raises: ValueError, where it is too large or there is no such currency."""
        exponent(currency)
        if abs(minor) > MAX_MINOR:
            raise ValueError("The amount is too large.")
        return cls(minor, currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal:f}"


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Digits after the point: 2 of USD, 0 of JPY, 3 of KWD.

    Raises:
        ValueError: ISO 4217 knows no such currency, or one that has no minor units, such as gold.
    """
    from iso4217 import Currency  # noqa: PLC0415  its table takes 20 ms to read

    digits = Currency(currency).exponent
    if digits is None:
        raise ValueError(f"{currency} is not money that one could pay with.")
    return int(digits)


def is_currency(code: str) -> bool:
    try:
        exponent(code)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=20_000)
def formatted(minor: int, currency: str, locale: str) -> str:
    """As people of `locale` (RFC 5646) write it: `$12.50`, `12,50 $`."""
    pattern, known = _pattern(locale, exponent(currency))
    text: str = pattern.apply(Money(minor, currency).decimal, known, currency=currency, currency_digits=False)
    return text


@lru_cache(maxsize=1024)
def _pattern(locale: str, digits: int) -> tuple[Any, Any]:
    """How a locale writes money, with the digits of ISO 4217, as CLDR leaves those out that nobody has coins for."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415

    try:
        known = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        known = Locale("en")
    pattern = copy(known.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern, known
