"""Time zones as calendars in the wild call them."""

from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from core.timezones import known_names


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
