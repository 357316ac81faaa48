"""What happened to flags."""

from dataclasses import dataclass
from typing import ClassVar

from core.contributions.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class FlagSet(DomainEvent):
    """Staff set a flag; `state` is `declared`, `on` or `off`."""

    name: ClassVar[str] = "flag.set"
    aggregate: ClassVar[str] = "flag"

    flag: str
    state: str
