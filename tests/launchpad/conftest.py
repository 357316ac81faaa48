"""A home screen at a fixed moment, with cards of the tests' own where they need some."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from accounts.models import Membership, User
from core.contributions import cards
from core.contributions.cards import Build, Card, Priority
from core.http import gcra
from core.http.access import Audience
from experiments import held
from tests.accounts.actors import MakeUser, SignedInClient, SignIn
from tests.experiments.conftest import SetFlag, set_flag

__all__ = ("Contribute", "SetFlag", "set_flag")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
Contribute = Callable[..., None]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at noon on 20 November 2026; nothing is cached or counted."""
    cache.clear()
    gcra.memory.clear()
    held.copy.forget()
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
    held.copy.forget()
    cache.clear()


@pytest.fixture
def contribute(monkeypatch: pytest.MonkeyPatch) -> Contribute:
    """`contribute("news", build, …)`: this, and nothing of any app, is on the home screen."""
    monkeypatch.setattr(cards, "_sources", {})

    def declare(type_: str, build: Build | None = None, **given: Any) -> None:
        cards.card(type_, "A trial.", **{"since": "2024.06", **given})(build or (lambda principal: [plain()]))

    return declare


def plain(**given: Any) -> Card:
    return Card(**{"title": "News", "priority": Priority.TODAY, "link": "account", **given})


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer, Audience.IOS)


@pytest.fixture
def colleague(freelancer: User, make_user: MakeUser, sign_in: SignIn) -> SignedInClient:
    """Somebody with the same role in the same workspace."""
    user = make_user()
    Membership.objects.filter(user=user).delete()
    Membership.objects.create(user=user, workspace_id=Membership.objects.get(user=freelancer).workspace_id)
    return sign_in(user, Audience.IOS)
