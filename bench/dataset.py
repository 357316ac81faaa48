"""What every peer is filled with: the same users, each with the same fifty events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

USERS = 200
EVENTS_PER_USER = 50
PASSWORD = "bench-Pass-2026!"
FIRST_START = datetime(2026, 1, 5, 8, tzinfo=UTC)

_TYPES = ("project", "gig", "job_interview", "mentorship", "client_meeting", "event")
_PLACES = ("Studio 4, Rotterdam", "Kantine, Berlin", "Room 12.01", "Online", "Café Noir, Lyon")


@dataclass(frozen=True, slots=True)
class SeedUser:
    number: int

    @property
    def email(self) -> str:
        return f"bench-{self.number:03d}@example.com"

    @property
    def address(self) -> str:
        """The client's own network address, which a proxy would report."""
        return f"10.20.{self.number // 250}.{self.number % 250 + 1}"


def users() -> list[SeedUser]:
    return [SeedUser(number) for number in range(USERS)]


def events(user: SeedUser) -> Iterator[dict[str, Any]]:
    """The events of one user in the order of their starts, with the names of the API's fields."""
    return (_event(user, number) for number in range(EVENTS_PER_USER))


def new_event(user: SeedUser) -> dict[str, Any]:
    """The body of one create: as long as a listed event, and later than all of them."""
    return _event(user, EVENTS_PER_USER + 1)


def titles(user: SeedUser) -> list[str]:
    return [str(event["title"]) for event in events(user)]


def _event(user: SeedUser, number: int) -> dict[str, Any]:
    start = FIRST_START + timedelta(hours=7 * number)
    return {
        "title": f"Milestone review {number:02d} of user {user.number:03d}",
        "description": "Walk through the open points, agree on the next step and on who takes it.",
        "starts_at": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ends_at": (start + timedelta(minutes=45)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "is_all_day": False,
        "timezone": "Europe/Amsterdam",
        "event_type": _TYPES[number % len(_TYPES)],
        "status": "confirmed",
        "location": _PLACES[number % len(_PLACES)],
        "video_conference_link": f"https://meet.example.com/r/{user.number:03d}-{number:02d}",
        "reminder_minutes": 15,
        "visibility": "private",
        "related_entity_type": "project",
        "related_entity_id": f"p-{user.number:03d}-{number % 7}",
        "color_hex": "#4A90D9",
        "focus_mode": number % 5 == 0,
        "metadata": {"round": number, "tags": ["review", "milestone"]},
    }
