"""What reads of the change feed return."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the feed: everything up to and including it has been read."""

    xid: int = 0
    seq: int = 0


START = Position()


@dataclass(frozen=True, slots=True)
class RowChange:
    """A hint that a row changed; read the row in the same snapshot to learn what it is now.

    `is_delete` says that the row left this scope: it was deleted, or moved to another one.
    """

    position: Position
    scope: str
    collection: str
    row_id: UUID
    is_delete: bool


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of changes, all of them final.

    `more` says that the next page has changes already; `pending` that some are written but not yet safe to hand
    out, so it is worth asking again shortly.
    """

    changes: tuple[RowChange, ...]
    position: Position
    more: bool
    pending: bool


@dataclass(frozen=True, slots=True)
class FeedState:
    """`epoch` changes when this database is restored from elsewhere; then no cursor of before is worth anything.

    Who reads on from a position below `floor` has missed deletions that are no longer recorded.
    """

    epoch: UUID
    floor: Position


@dataclass(frozen=True, slots=True)
class SubscriberLoad:
    """What one subscriber has still to do, and what it was given up on."""

    subscriber: str
    pending: int
    dead: int
