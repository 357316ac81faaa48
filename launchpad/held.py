"""What is remembered of home screens, and under which keys: never longer than it is true, never for somebody else.

A key names everything that a value depends on. `access_version` stands for roles, scopes and what they include, so
with a change of access every value from before is out of reach at once.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from django.core.cache import cache
from django.utils import timezone

from access.types import Principal
from core.contributions.cards import Card, CardSource
from core.http.conditional import code_version
from launchpad.types import Viewer

ANSWER_SECONDS = 30  # both of them are the release's
CARD_SECONDS = 45


class Answer(NamedTuple):
    body: bytes
    generated_at: datetime
    until: datetime


class Cards(NamedTuple):
    """What one source made, true until a moment."""

    cards: list[Card]
    until: datetime


def answer_key(viewer: Viewer, *shape: str) -> str:
    """`shape` is what the body depends on beside the viewer: train, surface, fields."""
    person = str(viewer.principal.user_id) if viewer.is_one_person else ""
    types = ",".join(source.type for source in viewer.sources)
    return _key("launchpad", person, types, repr(viewer.flags), *_seen_by(viewer.principal), *shape)


def find_answer(key: str) -> Answer | None:
    found: Answer | None = cache.get(key)
    return found if found is not None and timezone.now() < found.until else None


def keep_answer(key: str, answer: Answer) -> None:
    _keep(key, answer, answer.until)


def find_cards(principal: Principal, sources: Iterable[CardSource]) -> dict[CardSource, Cards]:
    """What is known of these sources, by one look into the cache."""
    keys = {_card_key(principal, source): source for source in sources}
    now = timezone.now()
    return {keys[key]: cards for key, cards in cache.get_many(keys).items() if now < cards.until}


def keep_cards(principal: Principal, made: Mapping[CardSource, Cards]) -> None:
    for source, cards in made.items():
        _keep(_card_key(principal, source), cards, cards.until)


def _keep(key: str, value: Answer | Cards, until: datetime) -> None:
    seconds = (until - timezone.now()).total_seconds()
    if seconds > 0:
        cache.set(key, value, int(seconds) + 1)  # and `until` is asked when it is read


def _card_key(principal: Principal, source: CardSource) -> str:
    person = str(principal.user_id) if source.is_personal else ""
    return _key("card", source.type, person, *_seen_by(principal))


def _seen_by(principal: Principal) -> tuple[str, ...]:
    return (str(principal.workspace_id), principal.access_version, principal.locale, principal.timezone, code_version())


def _key(kind: str, *parts: str) -> str:
    return f"{kind}:{blake2b(repr(parts).encode(), digest_size=16).hexdigest()}"
