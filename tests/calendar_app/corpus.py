"""Real calendars: the files with which the authors of two iCalendar libraries test theirs."""

from functools import cache
from importlib import resources
from pathlib import Path

_FOLDERS = (("icalendar", "tests"), ("recurring_ical_events", "test"))


@cache
def calendar_files() -> dict[str, Path]:
    """Every `.ics` file by its name; where both have one, the first."""
    files: dict[str, Path] = {}
    for package, folder in _FOLDERS:
        for path in sorted((Path(str(resources.files(package))) / folder).rglob("*.ics")):
            files.setdefault(path.name, path)
    return files


def calendar_file(name: str) -> bytes:
    return calendar_files()[name].read_bytes()
