"""Composing home screens of the cards that apps contribute."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.utils import timezone

from access.types import Principal
from accounts.selectors import find_home_workspace
from core.contributions.cards import CardSource, card_sources
from experiments.selectors import flags_told_to
from launchpad import held
from launchpad.flags import LAUNCHPAD_V2
from launchpad.held import ANSWER_SECONDS, CARD_SECONDS, Cards
from launchpad.types import Home, Placed, Viewer

FALLBACK_TRAIN = "2024.08"  # whose cards are served while the newer home screen is switched off
logger = logging.getLogger(__name__)


def viewer_of(principal: Principal, *, train: str, app_version: str = "") -> Viewer:
    """What somebody may see in an app of this train: by their flags, scopes and roles."""
    flags = flags_told_to(principal, app_version=app_version or train)
    known = train if flags[LAUNCHPAD_V2.name] else min(train, FALLBACK_TRAIN)
    return Viewer(principal, tuple(source for source in card_sources() if _is_for(source, principal, known)), flags)


def home(viewer: Viewer) -> Home:
    """The home screen of this moment, of cards none of which is older than `CARD_SECONDS`."""
    now = timezone.now()
    found = _cards(viewer, now)
    cards = [
        Placed(source, card)
        for source, made in found.items()
        for card in made.cards
        if card.expires_at is None or card.expires_at > now
    ]
    return Home(
        workspace=find_home_workspace(viewer.principal.user_id),
        generated_at=now,
        cards=sorted(cards, key=lambda placed: (-placed.card.priority, placed.id)),
        flags=viewer.flags,
        until=min([now + timedelta(seconds=ANSWER_SECONDS), *(made.until for made in found.values())]),
    )


def _is_for(source: CardSource, principal: Principal, train: str) -> bool:
    return (
        source.since <= train
        and (not source.scope or source.scope in principal.scopes)
        and (not source.roles or not source.roles.isdisjoint(principal.roles))
    )


def _cards(viewer: Viewer, now: datetime) -> dict[CardSource, Cards]:
    known = held.find_cards(viewer.principal, viewer.sources)
    made = dict(_made([source for source in viewer.sources if source not in known], viewer.principal, now))
    held.keep_cards(viewer.principal, made)
    return known | made


def _made(sources: Iterable[CardSource], principal: Principal, now: datetime) -> Iterable[tuple[CardSource, Cards]]:
    """A source that fails is reported and left out: one app's fault must not take the home screen away."""
    for source in sources:
        try:
            cards = list(source.build(principal))
        except DatabaseError:
            raise  # this is nobody's fault, and the next source would fail as well
        except Exception:
            logger.exception("No cards of the type %s.", source.type)
            continue
        ends = [card.expires_at for card in cards if card.expires_at is not None and card.expires_at > now]
        yield source, Cards(cards, min([now + timedelta(seconds=CARD_SECONDS), *ends]))
