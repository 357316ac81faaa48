"""What is found in a file, and how its properties are looked at."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component

# Names among the errors of an entry, beside those of properties that cannot be read.
UNKNOWN_ZONE, UNREADABLE_ALARM = "TZID", "VALARM"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of a file: when it is, in which zone it was meant, and whether it is a whole day."""

    at: datetime
    zone: ZoneInfo
    is_day: bool = False


@dataclass(slots=True)
class Found:
    """One event of a file: the columns it wants, or why it cannot be taken.

    `changes` tells in words what was altered or left out.
    """

    index: int
    uid: str = ""
    summary: str = ""
    sequence: int = 0
    start: Moment | None = None
    replaces: Moment | None = None  # RECURRENCE-ID, as written
    original_start: datetime | None = None  # what it means in the series
    columns: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    refusal: str = ""


def values(entry: Component, name: str) -> list[Any]:
    """All values of a property; a property may stand once, more than once, or not at all."""
    value = entry.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def is_broken(entry: Component, name: str) -> bool:
    return any(str(broken).upper() == name for broken, _ in entry.errors)
