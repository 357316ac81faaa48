"""Whether a session is alive, asked by every request at the price of one look into the cache.

Two marks: `live`, which holds what the row said, for seconds; and `ended`, which outlives every access token of
the session and always wins, so a reader who fetched the row just before it changed cannot revive anything.
Without a cache every request reads the row. If the cache is lost while a session ends, its access token lives on
for `LIVE_SECONDS` at most.
"""

import pickle
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from access.types import POLICY_KEY, Grants, changed_key
from accounts.lifetimes import longest_access_lifetime
from accounts.types import SessionView
from core import stamps as core_stamps
from core.http.gcra import charge_reading
from core.http.limits import Bill

LIVE_SECONDS = 15
_ENDED_MARGIN = 60  # seconds; more than the leeway of token times


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """A session and what its user may do, as of the moment `stamps` were read. Equal to itself alone."""

    session: SessionView
    grants: Grants
    stamps: tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Marks:
    """What the cache says: `ended`, or a copy to go by, or neither, and then the rows must be read."""

    ended: bool
    live: Live | None
    stamps: tuple[Any, Any]


def read_marks(session_id: UUID, user_id: UUID, bill: Bill | None = None) -> Marks:
    """Read the marks, and in the same round trip charge `bill` to a session that they say is alive."""
    ended, alive, changed = _ended(session_id), _live(session_id), changed_key(user_id)
    asked = [ended, alive, POLICY_KEY, changed, *core_stamps.keys()]
    found, verdict = charge_reading(bill.charges if bill else (), asked)
    core_stamps.see(found)
    if bill is not None:
        bill.verdict = verdict
    stamps = (found.get(POLICY_KEY), found.get(changed))
    copy: bytes | None = found.get(alive)
    live = None if copy is None else _opened(copy)
    current = live if live is not None and live.stamps == stamps else None
    return Marks(ended in found, current, stamps)


def remember(session_id: UUID, live: Live) -> None:
    cache.set(_live(session_id), pickle.dumps(live, pickle.HIGHEST_PROTOCOL), LIVE_SECONDS)


def is_news(live: Live, counter: int) -> bool:
    """Whether a token minted by rotation `counter` is the first sign that the client has received it."""
    known = live.session
    return counter > known.counter or (counter == known.counter and not known.confirmed)


def confirmed(live: Live, counter: int) -> Live:
    return replace(live, session=replace(live.session, counter=counter, confirmed=True))


def mark_ended(session_ids: Iterable[UUID]) -> None:
    """Make every process refuse the access tokens of these sessions, as soon as the transaction commits."""
    marks = {_ended(session_id): True for session_id in session_ids}
    seconds = int(longest_access_lifetime().total_seconds()) + _ENDED_MARGIN
    if marks:
        transaction.on_commit(lambda: cache.set_many(marks, seconds))


@lru_cache(maxsize=4096)
def _opened(copy: bytes) -> Live:
    """Nothing in it can change, so that the same bytes may stand for the same object, and its derived rights."""
    live: Live = pickle.loads(copy)  # noqa: S301  our own cache; nothing a client sends is ever unpickled
    return live


def _live(session_id: UUID) -> str:
    return f"session:{session_id}"


def _ended(session_id: UUID) -> str:
    return f"session-ended:{session_id}"
