"""The listings that peers are filled with, and what is searched for among them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

LISTINGS = 10_000
FIRST_PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)
# One word, two, a beginning, a typing error: each finds something.
SEARCHES = ("engineer", "nurse", "civil engineer", "librarian", "designer", "account", "enginer", "art director")

_CATEGORIES = ("job", "gig", "project", "volunteering", "mentor")
_CITIES = (("Rotterdam", 51.92, 4.48), ("Berlin", 52.52, 13.4), ("Lyon", 45.76, 4.84), ("Leeds", 53.8, -1.55))
_OCCUPATIONS = Path(__file__).parent.parent / "explorer" / "data" / "occupations.txt"


def listings() -> Iterator[dict[str, Any]]:
    """Each with the names of the API's fields, the oldest first, a minute apart."""
    occupations = [line for line in _OCCUPATIONS.read_text().splitlines() if line and not line.startswith("#")]
    return (_listing(number, occupations[number % len(occupations)]) for number in range(LISTINGS))


def newest_titles(count: int) -> list[str]:
    return [listing["title"] for listing in listings()][: -count - 1 : -1]


def _listing(number: int, occupation: str) -> dict[str, Any]:
    city, latitude, longitude = _CITIES[number % len(_CITIES)]
    return {
        "title": f"{occupation} {number:05d}",
        "description": f"We look for somebody who has worked as {occupation.lower()} before, from next month on.",
        "category": _CATEGORIES[number % len(_CATEGORIES)],
        "organization": f"Studio {number % 40}",
        "location": city,
        "latitude": latitude,
        "longitude": longitude,
        "is_remote": number % 3 == 0,
        "employment_type": "contract",
        "budget_minor": 40_000 + number,
        "currency": "EUR",
        "budget_period": "day",
        "duration": "3 months",
        "status": "open",
        "expertise_tags": [
            {"slug": f"field-{number % 50}", "label": f"Field {number % 50}", "weight": 90},
            {"slug": f"place-{number % 7}", "label": f"Place {number % 7}", "weight": 60},
        ],
        "published_at": (FIRST_PUBLISHED + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
