"""Spans of days that insights look at, and how they are divided. Pure; days are those of the caller's time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta


class Period(StrEnum):
    WEEK = "7d"
    MONTH = "30d"
    NINETY_DAYS = "90d"
    MONTH_TO_DATE = "mtd"
    QUARTER_TO_DATE = "qtd"
    YEAR_TO_DATE = "ytd"
    TWELVE_MONTHS = "12m"


class Granularity(StrEnum):
    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"


DEFAULTS = {
    Period.WEEK: Granularity.DAY,
    Period.MONTH: Granularity.DAY,
    Period.MONTH_TO_DATE: Granularity.DAY,
    Period.NINETY_DAYS: Granularity.WEEK,
    Period.QUARTER_TO_DATE: Granularity.WEEK,
    Period.YEAR_TO_DATE: Granularity.MONTH,
    Period.TWELVE_MONTHS: Granularity.MONTH,
}
_DAYS = {Period.WEEK: 7, Period.MONTH: 30, Period.NINETY_DAYS: 90}
_MONTHS = {Period.MONTH_TO_DATE: 1, Period.QUARTER_TO_DATE: 3, Period.YEAR_TO_DATE: 12}


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` to `end`, both included."""

    start: date
    end: date


def span_of(period: Period, today: date) -> Span:
    """The period that ends with today."""
    if period in _DAYS:
        return Span(today - timedelta(days=_DAYS[period] - 1), today)
    if period is Period.TWELVE_MONTHS:
        return Span(today - relativedelta(months=12) + timedelta(days=1), today)
    first_month = (today.month - 1) // _MONTHS[period] * _MONTHS[period] + 1
    return Span(date(today.year, first_month, 1), today)


def previous(period: Period, span: Span) -> Span:
    """What a period is compared with: as many days before it; of calendar periods, the same part of the last one."""
    if period in _MONTHS:
        back = relativedelta(months=_MONTHS[period])
        return Span(span.start - back, span.end - back)
    if period is Period.TWELVE_MONTHS:
        return Span(span.start - relativedelta(months=12), span.start - timedelta(days=1))
    length = span.end - span.start + timedelta(days=1)
    return Span(span.start - length, span.end - length)


def divided(span: Span, granularity: Granularity) -> Iterator[Span]:
    """The parts of a span in time; the first and the last may be shorter than the others."""
    start = span.start
    while start <= span.end:
        following = _next(start, granularity)
        yield Span(start, min(following - timedelta(days=1), span.end))
        start = following


def _next(day: date, granularity: Granularity) -> date:
    match granularity:
        case Granularity.DAY:
            return day + timedelta(days=1)
        case Granularity.WEEK:
            return day + timedelta(days=7 - day.weekday())
        case Granularity.MONTH:
            return (day + relativedelta(months=1)).replace(day=1)
