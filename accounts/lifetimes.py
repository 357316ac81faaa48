"""How long sessions and tokens live, by the kind of client."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from access.types import CHANNELS
from core.http.access import Audience


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """`idle` counts from the last rotation, `absolute` from signing in, `access` from being issued."""

    idle: timedelta
    absolute: timedelta
    access: timedelta


def lifetimes_of(audience: Audience) -> Lifetimes:
    return Lifetimes(**settings.SESSION_LIFETIMES[CHANNELS[audience].surface])


def longest_access_lifetime() -> timedelta:
    return max(limits["access"] for limits in settings.SESSION_LIFETIMES.values())
