"""What an iCalendar file of any program holds, event by event. One broken event never spoils the file.

Here are encodings, broken files and the order of work; `times.py` and `texts.py` read the properties.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Timezone
from icalendar import Event as Entry

from calendar_app.errors import CalendarFileTooLarge, InvalidCalendarFile
from calendar_app.ics.found import UNKNOWN_ZONE, UNREADABLE_ALARM, Found
from calendar_app.ics.texts import read_texts
from calendar_app.ics.times import Zones, meaning, read_times
from core.errors import Invalid

MAX_BYTES = 5_000_000
MAX_EVENTS = 5_000
MAX_LINES = 150_000  # thirty an event; the library reads ten thousand a second, or more
MAX_TRIED_LINES = 10_000  # of all events that have to be read line by line

_BLOCK = r"^BEGIN:{0}\s*$.*?(?=^(?:BEGIN:{0}|END:{0}|END:VCALENDAR)\s*$|\Z)"
_FLAGS = re.MULTILINE | re.DOTALL | re.IGNORECASE
_EVENT_BLOCK = re.compile(_BLOCK.format("VEVENT"), _FLAGS)
_ALARM_BLOCK = re.compile(r"^BEGIN:VALARM\s*$.*?(?:^END:VALARM\s*$\n?|\Z)", _FLAGS)
_ZONE_OF_LINE = re.compile(r';TZID=(?:"[^"]*"|[^:;]*)', re.IGNORECASE)
_ZONE_BLOCK = re.compile(_BLOCK.format("VTIMEZONE"), _FLAGS)
_HOME_ZONE = re.compile(r"^X-WR-TIMEZONE(?:;[^:\n]*)?:(.+)$", re.MULTILINE | re.IGNORECASE)
_ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")


def read(data: bytes, *, zone: ZoneInfo) -> list[Found]:
    """The events of a file, in its order. Times without a zone are in the calendar's own, or else in `zone`.

    Raises:
        InvalidCalendarFile: there is no calendar in it.
        CalendarFileTooLarge: more than 5 MB, 5,000 events or 150,000 lines.
    """
    if len(data) > MAX_BYTES:
        raise CalendarFileTooLarge
    text = _decoded(data)
    if "BEGIN:VCALENDAR" not in text.upper() and "BEGIN:VEVENT" not in text.upper():
        raise InvalidCalendarFile
    if text.upper().count("BEGIN:VEVENT") > MAX_EVENTS or text.count("\n") > MAX_LINES:
        raise CalendarFileTooLarge
    entries, definitions = _parsed(text)
    home = _HOME_ZONE.search(text)
    zones = Zones(home=home[1] if home else "", fallback=zone, definitions=definitions)
    found = [_found(index, entry, zones) for index, entry in enumerate(entries)]
    _place_in_series(found)
    return found


def _decoded(data: bytes) -> str:
    """The text of a file in whatever encoding, with lines ended and joined as the standard says."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = data.decode("utf-16", errors="replace")
    else:
        text = next(decoded for encoding in _ENCODINGS if (decoded := _decode(data, encoding)) is not None)
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\n[ \t]", "", text)


def _decode(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _parsed(text: str) -> tuple[list[Component], list[Component]]:
    """The events and the definitions of time zones in a text.

    Where the whole cannot be parsed, each event is parsed by itself, as far as it can be.
    """
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        entries = [entry for calendar in calendars for entry in calendar.walk("VEVENT")]
        definitions = [zone for calendar in calendars for zone in calendar.walk("VTIMEZONE")]
    except Exception:
        entries, definitions = [], []
    blocks = _EVENT_BLOCK.findall(text)
    if len(entries) >= len(blocks):
        return entries, definitions
    zones = (_parsed_as(Timezone, block.rstrip()) for block in _ZONE_BLOCK.findall(text))
    budget = _Budget(MAX_TRIED_LINES)
    return [_parse_alone(block.rstrip(), budget) for block in blocks], [zone for zone in zones if zone]


@dataclass
class _Budget:
    """How many lines of a file may still be tried one by one."""

    lines: int

    def spend(self, lines: int) -> bool:
        """Whether there were so many left."""
        self.lines -= lines
        return self.lines >= 0


def _parse_alone(block: str, budget: _Budget) -> Component:
    """One event, as much of it as can be read; what cannot is among its errors."""
    for text, lost in _less_and_less(block, budget):
        if entry := _parsed_as(Entry, text):
            entry.errors += [(name, "It cannot be read.") for name in lost]
            return entry
    return Entry()


def _less_and_less(block: str, budget: _Budget) -> Iterator[tuple[str, list[str]]]:
    """An event as it is written, without its alarms, and without each line that cannot be read: and what was lost."""
    yield block, []
    bare, lost = _ALARM_BLOCK.sub("", block), []
    begin, *lines = bare.splitlines()
    if not budget.spend(len(lines)):
        return
    if bare != block:
        lost = [UNREADABLE_ALARM]
        yield bare, lost
    kept = []
    for line in lines:
        zoneless = _ZONE_OF_LINE.sub("", line)
        readable = next((each for each in (line, zoneless) if _parsed_as(Entry, f"{begin}\n{each}")), None)
        if readable != line:
            lost.append(UNKNOWN_ZONE if readable else re.split("[;:]", line)[0].upper())
        kept += [readable] if readable else []
    yield "\n".join([begin, *kept]), lost


def _parsed_as(kind: type[Component], text: str) -> Component | None:
    try:
        parsed: Component = kind.from_ical(f"{text}\nEND:{kind.name}\n")
    except Exception:
        return None
    return parsed


def _found(index: int, entry: Component, zones: Zones) -> Found:
    found = Found(index)
    try:
        read_texts(entry, found)
        read_times(entry, found, zones)
    except Invalid as error:
        found.refusal = "; ".join(each.message for each in error.errors) or error.message
    except Exception as error:
        found.refusal = f"It cannot be read ({type(error).__name__})."
    return found


def _place_in_series(found: list[Found]) -> None:
    """Work out which occurrence of its series each changed one replaces."""
    series = {each.uid: each.start for each in found if each.start and not each.replaces}
    for each in found:
        if each.replaces and each.start:
            each.original_start = meaning(series.get(each.uid) or each.start, each.replaces)
