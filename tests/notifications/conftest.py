"""What happens, and who is told."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from core.contributions.events import Published
from core.db.ids import uuid7
from core.http.access import Audience
from notifications import services
from notifications.models import Notification
from tests.accounts.actors import MakeUser, SignedInClient, SignIn

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
Told = Callable[..., Notification]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at noon on 20 November 2026."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def reader(make_user: MakeUser) -> User:
    """Somebody with a confirmed address."""
    return make_user(email="rita@example.com", full_name="Rita Reader", email_verified_at=timezone.now())


@pytest.fixture
def client(reader: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(reader, Audience.ANDROID)


@pytest.fixture
def other(other_freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(other_freelancer, Audience.ANDROID)


def published(name: str, payload: dict[str, Any], aggregate_id: UUID | None = None) -> Published:
    return Published(
        id=uuid7(), name=name, version=1, aggregate="test", aggregate_id=aggregate_id or uuid7(), payload=payload,
        channel="system", actor_id=None, trace_id="0" * 32, occurred_at=timezone.now(),
    )  # fmt: skip


def payout_paid(reader: User, amount: int = 42_000) -> Published:
    return published("finance.payout.paid", {"requested_by": str(reader.id), "amount": amount, "currency": "USD"})


def reminder_due(reader: User, title: str = "Review") -> Published:
    starts_at = NOON.replace(minute=15)
    return published(
        "calendar.reminder.due",
        {
            "owner_id": str(reader.id), "occurrence_id": "event-1", "title": title, "reminder_minutes": 15,
            "starts_at": starts_at.isoformat(),
        },
    )  # fmt: skip


def tell(event: Published) -> Notification:
    """Tell of an event to its one recipient."""
    services.tell(event)
    return Notification.objects.get(event_id=event.id)
