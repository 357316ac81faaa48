"""Actors and events of the calendar's tests."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.cache import cache

from access.types import Principal
from accounts.models import User
from calendar_app import services
from calendar_app.models import Event
from core.db.ids import uuid7
from core.http import gcra
from core.http.access import Audience
from tests.accounts.actors import SignedInClient, SignIn

MakeEvent = Callable[..., Event]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


def make_principal(email: str = "mira@example.com", **values: Any) -> Principal:
    user = get_user_model().objects.create(email=email)
    defaults: dict[str, Any] = {
        "user_id": user.pk,
        "session_id": uuid7(),
        "device_id": None,
        "audience": Audience.ANDROID,
        "roles": frozenset({"freelancer"}),
        "scopes": frozenset({"calendar:view", "calendar:edit"}),
        "access_version": "1",
    }
    return Principal(**{**defaults, **values})


@pytest.fixture
def actor(db: None) -> Principal:
    return make_principal()


@pytest.fixture
def stranger(db: None) -> Principal:
    return make_principal("stranger@example.com")


@pytest.fixture
def make_event(actor: Principal) -> MakeEvent:
    """Create an event of an hour at nine on Friday 20 November 2026, as told otherwise."""

    def make(**fields: Any) -> Event:
        starts_at = fields.pop("starts_at", NINE)
        ends_at = fields.pop("ends_at", starts_at + timedelta(hours=1))
        owner = fields.pop("actor", actor)
        return services.create_event(
            actor=owner, title=fields.pop("title", "Review"), starts_at=starts_at, ends_at=ends_at, **fields
        )

    return make


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at noon on 20 November 2026; limits counted before are forgotten."""
    cache.clear()
    gcra.memory.clear()
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def client(sign_in: SignIn, freelancer: User) -> SignedInClient:
    return sign_in(freelancer, Audience.ANDROID)


@pytest.fixture
def other(sign_in: SignIn, other_freelancer: User) -> SignedInClient:
    return sign_in(other_freelancer, Audience.ANDROID)
