"""Spans of time that a query asks for: days or moments, as seen from one time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime

from core.errors import Invalid
from core.timezones import midnight, moment_of

FIRST_YEAR, LAST_YEAR = 1902, 2098


def read_moment(name: str, text: str, zone: ZoneInfo) -> datetime:
    """A day, which begins at midnight in `zone`, or a moment, in UTC.

    Raises:
        Invalid: the parameter `name` is neither.
    """
    text = text.strip().replace(" ", "+")  # a plus sign that was not escaped in an address
    try:
        day, moment = parse_date(text), parse_datetime(text)
    except ValueError as error:
        raise Invalid.field(name, f"There is no such day or time: {error}.") from error
    found = moment or day
    if found is None:
        raise Invalid.field(name, "Write a day such as 2026-11-20, or a moment such as 2026-11-20T09:00:00Z.")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Invalid.field(name, f"Must be from {FIRST_YEAR} to {LAST_YEAR}.", "out_of_range")
    if not isinstance(found, datetime):
        return midnight(found, zone)
    return found.astimezone(UTC) if found.tzinfo else moment_of(found, zone)
