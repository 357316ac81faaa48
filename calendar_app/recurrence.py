"""Recurrence rules (RFC 5545, 3.3.10): checked when written, expanded in the event's own wall-clock time.

A rule walks along the clock on the wall, so "every day at nine" stays at nine when summer time begins. Work is
bounded: rules that repeat within a day or never occur are refused, and expansion starts near the window asked
for, however long ago the series began. Not here: events, and the occurrences that were moved or deleted.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, NoReturn
from zoneinfo import ZoneInfo

from dateutil import rrule

from calendar_app.errors import InvalidRecurrence
from calendar_app.types import EARLIEST, HORIZON
from core.errors import FieldError
from core.timezones import moment_of, wall_time

MAX_LENGTH = 500  # characters
MAX_COUNT = 3_650  # occurrences: ten years of every day
MAX_PER_DAY = 24  # occurrences
MAX_INTERVAL_DAYS = 3_660

Frequency = Literal[0, 1, 2, 3]
_FREQUENCIES: dict[str, Frequency] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
_PERIOD_DAYS = {rrule.DAILY: 1, rrule.WEEKLY: 7, rrule.MONTHLY: 30, rrule.YEARLY: 365}
_WEEKDAYS = {name: getattr(rrule, name) for name in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")}
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
# part -> (dateutil's name, lowest, highest, whether counted from the end as well)
_NUMBERS = {
    "BYMONTH": ("bymonth", 1, 12, False),
    "BYMONTHDAY": ("bymonthday", 1, 31, True),
    "BYYEARDAY": ("byyearday", 1, 366, True),
    "BYWEEKNO": ("byweekno", 1, 53, True),
    "BYSETPOS": ("bysetpos", 1, 366, True),
    "BYHOUR": ("byhour", 0, 23, False),
    "BYMINUTE": ("byminute", 0, 59, False),
    "BYSECOND": ("bysecond", 0, 59, False),
}
# the order in which iCalendar programs write the parts
_ENDS = ("FREQ", "UNTIL", "COUNT", "INTERVAL")
_ORDER = (*_ENDS, "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH",
          "BYSETPOS", "WKST")  # fmt: skip
_NAMED_DAYS = {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"}
_DAY_PARTS = ("byweekno", "byyearday", "bymonthday", "byweekday")


def refuse(message: str) -> NoReturn:
    raise InvalidRecurrence(message, errors=[FieldError("/recurrence", "invalid_recurrence", message)])


@dataclass(frozen=True, slots=True)
class Rule:
    """One parsed rule. `until` is inclusive; where it names a day only, the whole day counts.

    An end that the calendar does not reach, such as the year 9999, is none.
    """

    text: str
    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | date | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def walk(self, first: datetime, start: datetime, end: datetime) -> Iterator[datetime]:
        """Wall-clock starts from about `start` up to `end`, of a series whose first one is `first`."""
        origin = first if self.count else self._anchor(first, start)
        yield from rrule.rrule(
            self.frequency,
            dtstart=origin,
            interval=self.interval,
            **({"count": self.count} if self.count else {"until": end}),
            **self._options_from(first),
        )

    @property
    def is_even(self) -> bool:
        """Whether equally many days lie between any two starts, so that nobody has to walk to count them."""
        return self.frequency in {rrule.DAILY, rrule.WEEKLY} and not self.options.keys() - {"wkst"}

    def last_wall(self, zone: ZoneInfo) -> datetime | None:
        """The wall-clock moment after which `until` lets nothing start."""
        if isinstance(self.until, datetime):
            return wall_time(self.until, zone) if self.until.tzinfo else self.until
        return datetime.combine(self.until, time.max) if self.until else None

    def _options_from(self, first: datetime) -> dict[str, Any]:
        """The options with what the rule leaves to the first start spelled out, so that any origin will do."""
        options = dict(self.options)
        if not any(part in options for part in _DAY_PARTS):
            if self.frequency in {rrule.MONTHLY, rrule.YEARLY}:
                options["bymonthday"] = first.day
            if self.frequency == rrule.YEARLY:
                options.setdefault("bymonth", first.month)
        return options

    def _anchor(self, first: datetime, start: datetime) -> datetime:
        """A moment in step with `first` and two periods before `start`, so that no time is spent on the past."""
        if self.frequency in {rrule.DAILY, rrule.WEEKLY}:
            days = self.interval * _PERIOD_DAYS[self.frequency]
            return first + timedelta(days=max((start - first).days // days - 2, 0) * days)
        months = self.interval * (12 if self.frequency == rrule.YEARLY else 1)
        elapsed = (start.year - first.year) * 12 + start.month - first.month
        periods = elapsed // months - 2
        if periods <= 0:
            return first
        year, month = divmod(first.year * 12 + first.month - 1 + periods * months, 12)
        return first.replace(year=year, month=month + 1, day=1)


@lru_cache(maxsize=4096)
def parse(text: str) -> Rule:
    """Read a rule such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`.

    Raises:
        InvalidRecurrence: not a rule, or one that this calendar does not follow.
    """
    text = text.strip().upper().removeprefix("RRULE:").rstrip(";")
    if len(text) > MAX_LENGTH or not text.isascii():
        refuse(f"A rule has at most {MAX_LENGTH} characters, of ASCII alone.")
    parts = _split(text)
    if unsupported := parts.keys() - set(_ORDER):
        refuse(f"{min(unsupported)[:40]} is not supported.")
    frequency = _frequency(parts.get("FREQ", ""))
    rule = Rule(
        text=";".join(f"{name}={parts[name]}" for name in sorted(parts, key=_ORDER.index)),
        frequency=frequency,
        interval=_number("INTERVAL", parts.get("INTERVAL", "1"), 1, MAX_INTERVAL_DAYS // _PERIOD_DAYS[frequency]),
        count=_number("COUNT", parts["COUNT"], 1, MAX_COUNT) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        options=dict(_option(name, value, frequency) for name, value in parts.items() if name not in _ENDS),
    )
    if rule.count and "UNTIL" in parts:
        refuse("A rule ends by COUNT or by UNTIL, not by both.")
    if _starts_per_day(rule) > MAX_PER_DAY:
        refuse(f"A rule gives at most {MAX_PER_DAY} occurrences a day.")
    return rule


def check_occurs(rule: Rule, first: datetime) -> None:
    """Refuse a rule that never occurs, such as every 30 February.

    dateutil looks for a next occurrence up to the year 9999. So the question is asked in a year shortly before,
    whose calendar and leap years are those of `first`: all patterns of a calendar without skipped leap years
    show within 28 years.
    """
    year = next(year for year in range(9944, 9972) if _have_one_calendar(year, first.year))
    if not _occurs(rule.text, first.replace(year=year)):
        refuse("This rule never occurs.")


@lru_cache(maxsize=4096)
def _occurs(text: str, twin: datetime) -> bool:
    return next(iter(parse(text).walk(twin, twin, _END_OF_TIME)), None) is not None


def expand(rule: Rule, first: datetime, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """Starts in `[start, end)` as UTC, in order, of the series that begins at `first`, which always counts as one."""
    wall = wall_time(first, zone)
    previous = first
    if start <= first < end:
        yield first
    begin = wall_time(max(start, first), zone) - timedelta(days=1)
    stop = wall_time(end, zone) + timedelta(days=1)
    last = min(rule.last_wall(zone) or stop, stop)
    later = (candidate for candidate in rule.walk(wall, begin, last) if candidate > wall)
    for candidate in islice(later, rule.count and rule.count - 1):
        if candidate > last:
            return
        moment = moment_of(candidate, zone)
        if moment > previous and start <= moment < end:
            yield (previous := moment)


def last_start(rule: Rule, first: datetime, zone: ZoneInfo) -> datetime | None:
    """When the last occurrence may start; `None` for an endless rule."""
    if rule.count and rule.is_even:
        step = timedelta(days=rule.interval * _PERIOD_DAYS[rule.frequency])
        steps = min(rule.count - 1, (HORIZON - first) // step)
        return max(first, moment_of(wall_time(first, zone) + steps * step, zone))
    if rule.count:
        *_, last = (first, *islice(expand(rule, first, zone, first, HORIZON), rule.count))
        return last
    wall = rule.last_wall(zone)
    return moment_of(wall, zone) if wall else None


def moved(text: str, days: int) -> str:
    """The rule of a series that moves by whole days: weekdays that it names move along.

    Raises:
        InvalidRecurrence: it names its days in a way that cannot follow.
    """
    parts = _split(text)
    if not days or not parts.keys() & _NAMED_DAYS:
        return text
    weekdays = parts.get("BYDAY", "").split(",")
    is_weekly = parts["FREQ"] in {"DAILY", "WEEKLY"} and parts.keys() & _NAMED_DAYS == {"BYDAY"}
    if not is_weekly or (parts.get("INTERVAL", "1") != "1" and len(weekdays) > 1):
        refuse("This rule names its days. Change the rule as well, or move one occurrence alone.")
    names = list(_WEEKDAYS)
    parts["BYDAY"] = ",".join(names[(names.index(day) + days) % len(names)] for day in weekdays)
    return parse(";".join(f"{name}={value}" for name, value in parts.items())).text


def split(rule: Rule, first: datetime, zone: ZoneInfo, moment: datetime) -> tuple[str, str]:
    """The texts of two rules: one that ends right before `moment`, and one that goes on from there."""
    kept = [part for part in rule.text.split(";") if not part.startswith(("UNTIL=", "COUNT="))]
    before = [*kept, f"UNTIL={(moment - timedelta(seconds=1)).astimezone(UTC):%Y%m%dT%H%M%SZ}"]
    if not rule.count:
        return parse(";".join(before)).text, rule.text
    past = len(list(islice(expand(rule, first, zone, first, moment), rule.count)))
    after = [*kept, f"COUNT={max(rule.count - past, 1)}"]
    return parse(";".join(before)).text, parse(";".join(after)).text


_END_OF_TIME = datetime(9999, 12, 31)  # noqa: DTZ001  on the wall


def _have_one_calendar(year: int, other: int) -> bool:
    return (year - other) % 4 == 0 and date(year, 1, 1).weekday() == date(other, 1, 1).weekday()


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, separator, value = part.partition("=")
        if not separator or not value:
            refuse(f"{part[:40]!r} is not a part of a recurrence rule.")
        if name in parts:
            refuse(f"{name} occurs twice.")
        parts[name] = value
    return parts


def _frequency(value: str) -> Frequency:
    if value in {"SECONDLY", "MINUTELY", "HOURLY"}:
        refuse("Events repeat by day, week, month or year.")
    if value not in _FREQUENCIES:
        refuse(f"FREQ is one of {', '.join(_FREQUENCIES)}.")
    return _FREQUENCIES[value]


def _option(name: str, value: str, frequency: Frequency) -> tuple[str, Any]:
    if name == "WKST" and value in _WEEKDAYS:
        return "wkst", _WEEKDAYS[value]
    if name == "BYDAY":
        return "byweekday", [_weekday(day, frequency) for day in value.split(",")]
    if name == "WKST":
        refuse("WKST is a weekday.")
    keyword, low, high, is_signed = _NUMBERS[name]
    read: Callable[[str], int] = lambda item: _number(name, item, low, high, is_signed=is_signed)  # noqa: E731
    return keyword, [read(item) for item in value.split(",")]


def _weekday(text: str, frequency: Frequency) -> rrule.weekday:
    match = _BYDAY.fullmatch(text)
    if match is None or (match[1] and abs(int(match[1])) not in range(1, 54)):
        refuse(f"{text[:40]!r} is not a weekday.")
    if match[1] and frequency not in {rrule.MONTHLY, rrule.YEARLY}:
        refuse("Only months and years have numbered weekdays.")
    weekday: rrule.weekday = _WEEKDAYS[match[2]]
    return weekday(int(match[1])) if match[1] else weekday


def _number(name: str, text: str, low: int, high: int, *, is_signed: bool = False) -> int:
    if not re.fullmatch(r"[+-]?\d{1,6}", text) or not low <= (abs(int(text)) if is_signed else int(text)) <= high:
        refuse(f"{name} must be from {low} to {high}.")
    return int(text)


def _until(text: str) -> datetime | date | None:
    is_day = len(text) == 8
    try:
        moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%d" if is_day else "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        refuse(f"{text[:40]!r} is not a day or a time.")
    if moment.year >= HORIZON.year:
        return None
    moment = max(moment, EARLIEST.replace(tzinfo=None))
    if is_day:
        return moment.date()
    return moment.replace(tzinfo=UTC) if text.endswith("Z") else moment


def _starts_per_day(rule: Rule) -> int:
    sizes = [len(rule.options.get(part, [0])) for part in ("byhour", "byminute", "bysecond")]
    return sizes[0] * sizes[1] * sizes[2]
