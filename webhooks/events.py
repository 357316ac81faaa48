"""What happens to endpoints."""

from dataclasses import dataclass
from typing import ClassVar

from core.contributions.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class EndpointSwitchedOff(DomainEvent):
    """An endpoint gets nothing any more. Its owner is told by mail, unless they did it themselves."""

    name: ClassVar[str] = "webhooks.endpoint.disabled"
    aggregate: ClassVar[str] = "webhooks.endpoint"

    reason: str
