"""What came in and went out over a period, in one currency: sums, a series, categories, and the period before.

Every posting is converted at the reference rate of its day. Only what is shown is rounded, half to even and once, so
sums of shown figures may differ from a shown sum by less than one minor unit each.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from core.money import Money, exponent
from finance import rates
from finance.periods import Granularity, Period, Span, divided


@dataclass(frozen=True, slots=True)
class Asked:
    period: Period
    granularity: Granularity
    currency: str


@dataclass(frozen=True, slots=True)
class Movement:
    """What one transaction did to all of the caller's accounts of a currency together, in minor units."""

    day: date
    currency: str
    category: str
    net: int


@dataclass(slots=True)
class Flow:
    """Exact sums in one currency's minor units; `count` is how many movements they are of."""

    inflow: Decimal = Decimal(0)
    outflow: Decimal = Decimal(0)
    count: int = 0

    def add(self, amount: Decimal) -> None:
        self.inflow += max(amount, Decimal(0))
        self.outflow += max(-amount, Decimal(0))
        self.count += 1

    @property
    def net(self) -> Decimal:
        return self.inflow - self.outflow


@dataclass(slots=True)
class Insights:
    """`series` ascends in time, `categories` begin with the largest.

    `converted` currencies are in the sums at a rate; `unconverted` ones have none, and are in no sum.
    """

    totals: Flow = field(default_factory=Flow)
    series: list[tuple[Span, Flow]] = field(default_factory=list)
    categories: list[tuple[str, Flow]] = field(default_factory=list)
    converted: set[str] = field(default_factory=set)
    unconverted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FlowShown:
    """A flow as clients see it, and the days that it is of."""

    inflow: Money
    outflow: Money
    net: Money
    count: int
    start: date | None = None
    end: date | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    period: Period
    granularity: Granularity
    currency: str
    totals: FlowShown
    series: list[FlowShown]
    by_category: list[FlowShown]
    comparison: dict[str, Any]
    fx: dict[str, Any]
    unconverted: list[str]


def insights(movements: Iterable[Movement], span: Span, granularity: Granularity, currency: str) -> Insights:
    """Sum up the movements of a span."""
    parts = [(part, Flow()) for part in divided(span, granularity)]
    categories: dict[str, Flow] = defaultdict(Flow)
    found, unconverted = Insights(series=parts), set()
    for movement in movements:
        converted = convert(movement, currency)
        if converted is None:
            unconverted.add(movement.currency)
            continue
        if movement.currency != currency:
            found.converted.add(movement.currency)
        for flow in (found.totals, _part(parts, movement.day), categories[movement.category]):
            flow.add(converted)
    found.categories = sorted(categories.items(), key=lambda entry: (-(entry[1].inflow + entry[1].outflow), entry[0]))
    found.unconverted = sorted(unconverted)
    return found


def convert(movement: Movement, currency: str) -> Decimal | None:
    """A movement in exact minor units of `currency`, at the rate of its day; nothing where there is none."""
    rate = rates.rate(movement.currency, currency, movement.day)
    if rate is None:
        return None
    return (movement.net * rate).scaleb(exponent(currency) - exponent(movement.currency))


def report(asked: Asked, now: Insights, then: Insights, before: Span) -> Report:
    """The figures of a period beside those of the one `before`, rounded to be shown."""
    currency = asked.currency
    change = now.totals.net - then.totals.net
    return Report(
        period=asked.period,
        granularity=asked.granularity,
        currency=currency,
        totals=_shown(now.totals, currency),
        series=[_shown(flow, currency, start=part.start, end=part.end) for part, flow in now.series],
        by_category=[_shown(flow, currency, category=category) for category, flow in now.categories],
        comparison={
            "previous_period": _shown(then.totals, currency, start=before.start, end=before.end),
            "net_change": rounded(change, currency),
        },
        fx={"as_of": rates.quoted_until({currency} | now.converted | then.converted), "source": rates.SOURCE},
        unconverted=now.unconverted,
    )


def rounded(amount: Decimal, currency: str) -> Money:
    """Whole minor units, half to even."""
    return Money(int(amount.quantize(Decimal(1), ROUND_HALF_EVEN)), currency)


def _shown(flow: Flow, currency: str, **known: Any) -> FlowShown:
    inflow, outflow, net = (rounded(amount, currency) for amount in (flow.inflow, flow.outflow, flow.net))
    return FlowShown(inflow, outflow, net, flow.count, **known)


def _part(parts: Sequence[tuple[Span, Flow]], day: date) -> Flow:
    return next(flow for part, flow in parts if part.start <= day <= part.end)
