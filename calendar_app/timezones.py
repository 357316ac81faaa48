"""Time zones by name: the IANA database's, and what calendars in the wild call them."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from core.errors import Invalid


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


def zone_named(name: str, *, field: str = "timezone") -> ZoneInfo:
    """The IANA zone of this exact name.

    Raises:
        Invalid: there is none; the error points at `field`.
    """
    if name not in known_names():
        raise Invalid.field(field, "Not a time zone of the IANA database, such as Europe/Berlin.", "unknown_timezone")
    return ZoneInfo(name)


def zone_behind(name: str) -> ZoneInfo | None:
    """The zone that a calendar program means: an IANA name, a Windows name, or a path that ends in an IANA name."""
    name = name.strip().strip('"')
    windows = WINDOWS_TO_OLSON.get(name)
    if windows:
        return ZoneInfo(windows)
    parts = name.strip("/").split("/")
    tails = ("/".join(parts[index:]) for index in range(len(parts)))
    return next((ZoneInfo(tail) for tail in tails if tail in known_names()), None)


def zone_within(text: str) -> ZoneInfo | None:
    """The IANA name that stands somewhere in a text, such as `custom_Pacific/Fiji`; of several, the longest."""
    found = [name for name in known_names() if "/" in name and name in text]
    return ZoneInfo(max(found, key=len)) if found else None


def wall_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall of `zone` shows."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clock on the wall of `zone` shows this, in UTC.

    Times that a change to summer time skips are as much later as the clock was put forward; times that it
    repeats are the first of the two (RFC 5545, 3.3.5).
    """
    return wall.replace(tzinfo=zone).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in `zone`, in UTC."""
    return moment_of(datetime.combine(day, time()), zone)
