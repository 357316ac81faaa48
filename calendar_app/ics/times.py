"""The properties of an event in a file that say when it is, as columns."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component, Timezone

from calendar_app.ics import properties
from calendar_app.ics.found import UNKNOWN_ZONE, Found, Moment, is_broken, values
from calendar_app.occurrences import write_starts
from calendar_app.timezones import zone_behind, zone_within
from calendar_app.types import EARLIEST, HORIZON, is_reached
from core.errors import Invalid
from core.timezones import midnight, moment_of, wall_time

_YEARS = range(EARLIEST.year, HORIZON.year)
_SPAN = f"{EARLIEST:%Y} to {HORIZON.year - 1}"
MAX_EXCEPTIONS = 2_000  # added or excluded starts of one series


class Zones:
    """The time zones of one file: those it names, those it defines, and the one in which it lives."""

    def __init__(self, *, home: str, fallback: ZoneInfo, definitions: Iterable[Component]) -> None:
        self._named_home = zone_behind(home) if home else None
        self.home = self._named_home or fallback
        self._definitions = {str(each.get("TZID", "")): each for each in definitions}
        self._custom: dict[str, tzinfo | None] = {}

    def moment(self, value: date | datetime, tzid: str, found: Found) -> Moment:
        """Read one value, in the zone that its TZID means."""
        if not isinstance(value, datetime):
            return Moment(midnight(value, self.home), self.home, is_day=True)
        wall = value.replace(tzinfo=None, microsecond=0)
        if value.tzinfo is not None and not tzid:
            return Moment(value.replace(microsecond=0).astimezone(UTC), self._named_home or ZoneInfo("UTC"))
        if not tzid:
            return Moment(moment_of(wall, self.home), self.home)
        known = zone_behind(tzid)
        if known is not None:
            return Moment(moment_of(wall, known), known)
        return self._by_definition(wall, tzid, found)

    def _by_definition(self, wall: datetime, tzid: str, found: Found) -> Moment:
        custom = self._defined(tzid)
        if custom is None:
            _note(found, f"time zone {tzid[:60]!r} is unknown and became {self.home}")
            return Moment(moment_of(wall, self.home), self.home)
        at = wall.replace(tzinfo=custom).astimezone(UTC)
        place = str(self._definitions[tzid].get("X-LIC-LOCATION", ""))
        candidates = [zone_behind(place), zone_within(tzid), self.home]
        zone = next((zone for zone in candidates if zone and _agree(zone, custom, wall)), ZoneInfo("UTC"))
        _note(found, f"time zone {tzid[:60]!r} became {zone}")
        return Moment(at, zone)

    def _defined(self, tzid: str) -> tzinfo | None:
        """The zone as the file defines it. Definitions stay with their file: nothing is remembered beyond it."""
        if tzid not in self._custom:
            definition = self._definitions.get(tzid)
            self._custom[tzid] = _built(definition) if isinstance(definition, Timezone) else None
        return self._custom[tzid]


def read_times(entry: Component, found: Found, zones: Zones) -> None:
    """Note start, end, zone and recurrence of `entry`.

    Raises:
        Invalid: it has no start, or its recurrence is not acceptable.
    """
    if is_broken(entry, UNKNOWN_ZONE):
        _note(found, f"a time zone is unknown and became {zones.home}")
    start = _start(entry, found, zones)
    zone = _own_zone(entry) if start.is_day else None
    if zone is not None:
        zones = Zones(home=str(zone), fallback=zone, definitions=())
        start = _start(entry, found, zones)
    found.start = start
    begins, ends = _span(entry, start, found, zones)
    found.columns |= {
        "starts_at": begins,
        "ends_at": ends,
        "is_all_day": start.is_day,
        "timezone": str(start.zone),
        "recurrence": _rule(entry),
        "extra_starts": write_starts(_starts(entry, "RDATE", start, found, zones)),
        "excluded_starts": write_starts(_starts(entry, "EXDATE", start, found, zones)),
    }
    replaced = values(entry, "RECURRENCE-ID")
    if replaced:
        found.replaces = _read(replaced[0], found, zones)
        if replaced[0].params.get("RANGE"):
            _note(found, "it changes one occurrence, not the following ones")


def _start(entry: Component, found: Found, zones: Zones) -> Moment:
    starts = values(entry, "DTSTART")
    if not starts or is_broken(entry, "DTSTART"):
        raise Invalid.field("starts_at", "It has no readable start (DTSTART).")
    return _read(starts[0], found, zones)


def _span(entry: Component, start: Moment, found: Found, zones: Zones) -> tuple[datetime, datetime]:
    """Start and end; those that were swapped are put right."""
    end = _end(entry, start, found, zones)
    if end < start.at:
        _note(found, "it ended before it started, so the two were swapped")
        return end, start.at
    return start.at, max(end, _days_after(start, 1)) if start.is_day else end


def _end(entry: Component, start: Moment, found: Found, zones: Zones) -> datetime:
    """The end, or what the standard takes for it: a day for whole days, the start itself otherwise."""
    for name in ("DTEND", "DURATION"):
        if is_broken(entry, name):
            _note(found, f"{name} cannot be read")
    ends, lengths = ([] if is_broken(entry, name) else values(entry, name) for name in ("DTEND", "DURATION"))
    if ends:
        return _read(ends[0], found, zones).at
    if lengths and isinstance(length := getattr(lengths[0], "dt", None), timedelta):
        return _days_after(start, length.days) if start.is_day else start.at + length
    return start.at


def _rule(entry: Component) -> str:
    if is_broken(entry, "RRULE"):
        raise Invalid.field("recurrence", "Its recurrence rule (RRULE) cannot be read.")
    rules = {rule.to_ical().decode() for rule in values(entry, "RRULE")}
    if len(rules) > 1:
        raise Invalid.field("recurrence", "It has more than one recurrence rule (RRULE).")
    if values(entry, "EXRULE"):
        raise Invalid.field("recurrence", "Rules that take occurrences away (EXRULE) are not supported.")
    return next(iter(rules), "")


def _starts(entry: Component, name: str, start: Moment, found: Found, zones: Zones) -> list[datetime]:
    """Added or excluded starts; of periods, the start."""
    if is_broken(entry, name):
        _note(found, f"{name} cannot be read")
        return []
    listed = [(value, dates) for dates in values(entry, name) for value in getattr(dates, "dts", [])]
    if len(listed) > MAX_EXCEPTIONS:
        raise Invalid.field("recurrence", f"{name} lists more than {MAX_EXCEPTIONS:,} times.")
    if any(isinstance(value.dt, tuple) for value, _ in listed):
        _note(found, "added occurrences last as long as the first")
    moments = (_read(value, found, zones, within=dates) for value, dates in listed if _written(value).year in _YEARS)
    starts = [at for moment in moments if is_reached(at := meaning(start, moment))]
    if len(starts) < len(listed):
        _note(found, f"{name} names times outside of the years {_SPAN}, which were left out")
    return starts


def _read(value: Any, found: Found, zones: Zones, *, within: Any = None) -> Moment:
    moment = _written(value)
    if moment.year not in _YEARS:
        raise Invalid.field("starts_at", f"One of its times lies outside of the years {_SPAN}.", "out_of_range")
    tzid = value.params.get("TZID") or (within.params.get("TZID") if within is not None else None) or ""
    return zones.moment(moment, str(tzid).strip(), found)


def _written(value: Any) -> date:
    """The day or moment as it is written; of periods, the start."""
    written = value.dt[0] if isinstance(value.dt, tuple) else value.dt
    if not isinstance(written, date):
        raise Invalid.field("starts_at", "One of its times is neither a day nor a moment.")
    return written


def meaning(start: Moment, other: Moment) -> datetime:
    """Which occurrence of a series that begins at `start` another time names: days may name moments, and moments days.

    For a series of whole days, a moment means its day where it was written; of one written in UTC, the day at home.
    """
    if start.is_day:
        at_home = not other.is_day and str(other.zone) == "UTC"
        return midnight(wall_time(other.at, start.zone if at_home else other.zone).date(), start.zone)
    if other.is_day:
        day = wall_time(other.at, other.zone).date()
        return moment_of(datetime.combine(day, wall_time(start.at, start.zone).time()), start.zone)
    return other.at


def _days_after(start: Moment, days: int) -> datetime:
    return midnight(wall_time(start.at, start.zone).date() + timedelta(days=days), start.zone)


def _own_zone(entry: Component) -> ZoneInfo | None:
    named = values(entry, properties.TIMEZONE)
    return zone_behind(str(named[0])) if named else None


def _built(definition: Timezone) -> tzinfo | None:
    try:
        zone: tzinfo = definition.to_tz(lookup_tzid=False)
        zone.utcoffset(datetime(2026, 1, 1))  # noqa: DTZ001  a wall time, to see whether the definition works
    except Exception:
        return None
    return zone


def _agree(zone: ZoneInfo, custom: tzinfo, wall: datetime) -> bool:
    """Whether two zones show the same all through a year."""
    return all(
        zone.utcoffset(wall + timedelta(days=days)) == custom.utcoffset(wall + timedelta(days=days))
        for days in range(0, 365, 28)
    )


def _note(found: Found, change: str) -> None:
    if change not in found.changes:
        found.changes.append(change)
