"""How long sessions and tokens live, by the kind of client."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from access.types import CHANNELS
from core.http.access import Audience


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """`idle` counts from the last rotation, `absolute` from signing in, `access` from being issued.

    `proof_idle` stands in for `idle` where refreshing takes a proof of the client's key.
    """

    idle: timedelta
    absolute: timedelta
    access: timedelta
    proof_idle: timedelta | None = None

    def idle_of(self, proof_key: str) -> timedelta:
        return self.proof_idle if proof_key and self.proof_idle else self.idle


def lifetimes_of(audience: Audience) -> Lifetimes:
    return Lifetimes(**settings.SESSION_LIFETIMES[CHANNELS[audience].surface])


def longest_access_lifetime() -> timedelta:
    return max(limits["access"] for limits in settings.SESSION_LIFETIMES.values())
