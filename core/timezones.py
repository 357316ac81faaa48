"""Time zones of the IANA database, and the clock on the wall."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

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


def rfc3339(moment: datetime, *, timespec: str = "auto") -> str:
    """A moment as the API writes it, in UTC with `Z`. `timespec` is that of `datetime.isoformat`."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


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
