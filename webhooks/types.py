"""The words of webhooks, and what one attempt needs and finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class EndpointStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    OWNER = "owner"
    STAFF = "staff"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # nothing has arrived for days


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; can be replayed


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt to make. Whoever holds a claim with a smaller `fence` has lost it.

    Its secrets are opened by whoever sends it: one that cannot be opened fails its own delivery, and no other.
    """

    delivery_id: UUID
    endpoint_id: UUID
    fence: int
    event_id: UUID
    url: str
    body: bytes
    sealed_secrets: tuple[bytes, ...]
    channel: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    Args:
        status: of the answer; without one `error` says why.
        latency: milliseconds.
        response: the beginning of the answer's body.
        wait: seconds for which the receiver, or our own breaker, asks to be left alone.
        was_sent: nothing is counted against the receiver where our breaker let nothing out.
    """

    status: int | None = None
    error: str = ""
    latency: int = 0
    response: str = ""
    wait: float = 0.0
    was_sent: bool = True

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class PublicEvent:
    """An event that integrators may receive. `fields` are those of its `data`: name -> type, in words."""

    name: str
    description: str
    fields: Mapping[str, str]
