"""Words and values of the inbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.contributions.notices import Category, Channel

ALWAYS_ON = frozenset({Category.SECURITY})  # nobody who steals a phone shall silence what tells of it


class DeliveryStatus(StrEnum):
    """What became of a notification on one channel; all but the first are the end of it."""

    PENDING = "pending"
    SENT = "sent"
    UNWANTED = "unwanted"  # turned off, or read in the app before
    UNREACHABLE = "unreachable"  # no confirmed address
    LIMITED = "limited"  # the reader wanted no more on that day
    EXPIRED = "expired"
    FAILED = "failed"


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Every day from `starts_at` to `ends_at` as a clock in `zone` shows it; past midnight where the end is earlier."""

    starts_at: time
    ends_at: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants to be told, how, and when. `max_per_day` counts messages on each channel in 24 hours."""

    choices: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    quiet: QuietHours | None = None
    max_per_day: int | None = None

    def wants(self, category: str, channel: str) -> bool:
        """Everything is on until it is turned off."""
        return category in ALWAYS_ON or self.choices.get(category, {}).get(channel, True)

    def all_choices(self) -> dict[str, dict[str, bool]]:
        return {
            category.value: {channel.value: self.wants(category, channel) for channel in Channel}
            for category in Category
        }
