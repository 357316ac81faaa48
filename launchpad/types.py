"""Who asks for the home screen, and what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from access.types import Principal
from accounts.types import WorkspaceView
from core.contributions.cards import Card, CardSource


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody, the sources whose cards they may see in their app, and the flags their app is told of."""

    principal: Principal
    sources: tuple[CardSource, ...]
    flags: Mapping[str, bool]

    @property
    def is_one_person(self) -> bool:
        """Whether anything of what they see is theirs alone."""
        return any(source.is_personal for source in self.sources)


@dataclass(frozen=True, slots=True)
class Placed:
    """A card and the source that made it."""

    source: CardSource
    card: Card

    @property
    def id(self) -> str:
        return f"{self.source.type}:{self.card.about}" if self.card.about else self.source.type

    @property
    def type(self) -> str:
        return self.source.type


@dataclass(frozen=True, slots=True)
class Home:
    """The home screen at one moment; something of it stops being true at `until`."""

    workspace: WorkspaceView | None
    generated_at: datetime
    cards: list[Placed]
    flags: Mapping[str, bool]
    until: datetime
