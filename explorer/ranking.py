"""What a feed shows first, and why: what matches what the person did before, what is new, and what is near.

Scores are whole numbers and change with whole days only, so that the pages of a feed fit together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from explorer.geo import Place
from explorer.types import Kind, Reason

# How much each thing that somebody did says of what they look for.
SIGNALS: Mapping[str, int] = {"apply": 6, Kind.SAVE: 4, Kind.LIKE: 3, Kind.SHARE: 3, Kind.VIEW: 1, Kind.PASS: -3}
MATCH, FRESH, NEAR, REMOTE = 60, 30, 15, 5  # the most points for each
NEW_DAYS, STALE_DAYS = 7, 45
NEAR_KM = 50.0


class Signal(NamedTuple):
    """A listing that somebody did something with."""

    kind: str
    tags: Sequence[Mapping[str, Any]]
    place: Place | None


class Candidate(NamedTuple):
    id: UUID
    published_at: datetime
    tags: Sequence[Mapping[str, Any]]
    place: Place | None
    is_remote: bool


class Ranked(NamedTuple):
    """`order` ascends: it is the negative score."""

    order: int
    id: UUID
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Taste:
    """What somebody looks for: tag -> share of one, and the places they looked at last."""

    tags: Mapping[str, float] = field(default_factory=dict)
    places: Sequence[Place] = ()

    @property
    def favourites(self) -> list[str]:
        """The tags that matter most."""
        return sorted((tag for tag, share in self.tags.items() if share > 0), key=lambda tag: (-self.tags[tag], tag))[
            :8
        ]


def taste_of(signals: Iterable[Signal]) -> Taste:
    """What signals, the newest first, say of somebody."""
    points: dict[str, float] = {}
    places: list[Place] = []
    for signal in signals:
        for tag in signal.tags:
            points[tag["slug"]] = points.get(tag["slug"], 0) + SIGNALS[signal.kind] * tag["weight"]
        if signal.place and SIGNALS[signal.kind] > 1 and len(places) < 3:
            places.append(signal.place)
    most = max(points.values(), default=0)
    return Taste({tag: value / most for tag, value in points.items()} if most > 0 else {}, places)


def ranked(candidates: Iterable[Candidate], taste: Taste, now: datetime) -> list[Ranked]:
    """The candidates, best first, each with at least one reason."""
    return sorted((_judged(candidate, taste, now) for candidate in candidates), key=lambda one: (one.order, one.id))


def _judged(candidate: Candidate, taste: Taste, now: datetime) -> Ranked:
    days = max((now.date() - candidate.published_at.date()).days, 0)
    score = round(FRESH * max(0.0, 1 - days / STALE_DAYS))
    reasons = []
    matching = [tag for tag in candidate.tags if taste.tags.get(tag["slug"], 0) > 0]
    if matching:
        reasons.append(Reason("expertise", f"Matches {_listed([tag['label'] for tag in matching[:3]])}"))
    score += round(
        MATCH * min(1.0, max(-1.0, sum(taste.tags.get(t["slug"], 0) * t["weight"] for t in candidate.tags) / 100))
    )
    if candidate.place and any(candidate.place.distance_to(place) <= NEAR_KM for place in taste.places):
        score += NEAR
        reasons.append(Reason("nearby", "Near what you looked at"))
    elif candidate.is_remote:
        score += REMOTE
        reasons.append(Reason("remote", "Can be done from anywhere"))
    if days <= NEW_DAYS:
        reasons.append(Reason("new", "New this week"))
    return Ranked(-score, candidate.id, tuple(reasons or [Reason("open", "Open for applications")]))


def _listed(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
