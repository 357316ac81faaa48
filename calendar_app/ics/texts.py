"""The properties of an event in a file that say what it is, as columns."""

import hashlib
import re
import unicodedata
from datetime import timedelta
from typing import Any

import orjson
from icalendar import Component

from calendar_app.ics import properties
from calendar_app.ics.found import UNREADABLE_ALARM, Found, is_broken, values
from calendar_app.models import MAX_DESCRIPTION, MAX_METADATA, MAX_REMINDER_MINUTES, Event
from calendar_app.types import EventStatus, EventType, Visibility

UNTITLED = "(untitled)"

# Controls, lone surrogates and what turns text around; line ends and tabs stay.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_STATUSES = {
    "TENTATIVE": EventStatus.TENTATIVE,
    "CONFIRMED": EventStatus.CONFIRMED,
    "CANCELLED": EventStatus.CANCELLED,
    "CANCELED": EventStatus.CANCELLED,
}
_WORDS: dict[str, Any] = {"event_type": EventType, "status": EventStatus, "visibility": Visibility}
_NOT_KEPT = {"ATTENDEE": "attendees", "ATTACH": "attachments"}


def read_texts(entry: Component, found: Found) -> None:
    """Note identity, texts, status and reminder of `entry`.

    What a file does not speak of is not among the columns. Visibility never comes from other programs: what one
    imports stays one's own until one shares it.
    """
    found.summary = _text(entry, "SUMMARY", _length("title"), found).replace("\n", " ").strip()
    found.uid = _uid(entry, found)
    found.sequence = _sequence(entry)
    found.columns |= {
        "title": found.summary or UNTITLED,
        "description": _text(entry, "DESCRIPTION", MAX_DESCRIPTION, found),
        "location": _text(entry, "LOCATION", _length("location"), found),
        "video_conference_link": _link(entry, found),
        "status": _status(entry, found).value,
        **_reminder(entry, found),
        **_own_columns(entry),
    }
    found.changes += [f"{words} are not kept" for name, words in _NOT_KEPT.items() if name in entry]


def _own_columns(entry: Component) -> dict[str, Any]:
    """What this platform wrote itself; anything that it would not have written is left alone."""
    columns: dict[str, Any] = {}
    for name, field in properties.TEXT_FIELDS.items():
        value = _raw(entry, name)
        if value and len(value) <= _length(field) and _is_ours(field, value):
            columns[field] = value
    if _raw(entry, properties.FOCUS) == "TRUE":
        columns["focus_mode"] = True
    if metadata := _metadata(entry):
        columns["metadata"] = metadata
    return columns


def _is_ours(field: str, value: str) -> bool:
    if field in _WORDS:
        return value in {word.value for word in _WORDS[field]}
    return field != "color_hex" or re.fullmatch(r"#[0-9A-F]{6}", value) is not None


def _uid(entry: Component, found: Found) -> str:
    """The file's identity of the event; without one, a digest, so that the same file again means the same event."""
    uid = _raw(entry, "UID")
    if 0 < len(uid) <= _length("uid"):
        return uid
    if uid:
        found.changes.append("the UID is too long and was replaced by a digest")
        return f"{hashlib.sha256(uid.encode()).hexdigest()}@digest.gigvora.com"
    found.changes.append("there was no UID")
    content = b"|".join(
        entry.get(name).to_ical() for name in ("DTSTART", "SUMMARY") if hasattr(entry.get(name), "to_ical")
    )
    return f"{hashlib.sha256(content).hexdigest()}@digest.gigvora.com"


def _sequence(entry: Component) -> int:
    digits = _raw(entry, "SEQUENCE")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else 0


def _text(entry: Component, name: str, limit: int, found: Found) -> str:
    """One text, cleaned and cut to what fits."""
    text = _raw(entry, name)
    if len(text) > limit:
        found.changes.append(f"{name.lower()} was cut to {limit:,} characters")
    return text[:limit].strip()


def _raw(entry: Component, name: str) -> str:
    found = values(entry, name)
    text = str(found[0]) if found and not is_broken(entry, name) else ""
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))


def _link(entry: Component, found: Found) -> str:
    """The first web address among conferences and the event's own."""
    for name in ("CONFERENCE", "X-GOOGLE-CONFERENCE", "URL"):
        for value in values(entry, name):
            link = _UNPRINTABLE.sub("", str(value)).strip()
            if re.match(r"https?://[^\s/]", link, re.IGNORECASE) and len(link) <= _length("video_conference_link"):
                return link
    if any(values(entry, name) for name in ("CONFERENCE", "URL")):
        found.changes.append("the link is not a web address")
    return ""


def _status(entry: Component, found: Found) -> EventStatus:
    word = _raw(entry, "STATUS").strip().upper()
    if word and word not in _STATUSES:
        found.changes.append(f"status {word[:40]!r} became confirmed")
    return _STATUSES.get(word, EventStatus.CONFIRMED)


def _reminder(entry: Component, found: Found) -> dict[str, int]:
    """Minutes before the start at which the first alarm rings that is set so."""
    alarms = [part for part in entry.subcomponents if part.name == "VALARM"]
    minutes = [ahead for ahead in map(_minutes_ahead, alarms) if ahead is not None]
    if len(minutes) < len(alarms) or is_broken(entry, UNREADABLE_ALARM):
        found.changes.append("alarms are kept that ring before the start, by four weeks at most")
    if len(set(minutes)) > 1:
        found.changes.append("of several alarms the first was kept")
    return {"reminder_minutes": minutes[0]} if minutes else {}


def _minutes_ahead(alarm: Component) -> int | None:
    triggers = values(alarm, "TRIGGER")
    if not triggers or is_broken(alarm, "TRIGGER"):
        return None
    trigger = getattr(triggers[0], "dt", None)
    if not isinstance(trigger, timedelta) or triggers[0].params.get("RELATED", "START") != "START":
        return None
    minutes = -trigger // timedelta(minutes=1)
    return minutes if 0 <= minutes <= MAX_REMINDER_MINUTES else None


def _metadata(entry: Component) -> dict[str, Any]:
    try:
        text = _raw(entry, properties.METADATA)
        metadata = orjson.loads(text) if len(text.encode()) <= MAX_METADATA else None
    except ValueError:
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _length(field: str) -> int:
    return int(getattr(Event._meta.get_field(field), "max_length", 0))
