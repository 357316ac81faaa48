"""A mentor with hours, people who want to meet them, and a clock that stands still."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import time_machine
from django.core.cache import cache

from access.types import Principal
from accounts.models import User
from core.http import gcra
from core.http.access import Audience
from core.money import Money
from mentors import services
from mentors.models import Mentor, MentorSession
from mentors.types import ProfileFields
from tests.accounts import actors
from tests.accounts.actors import PrincipalOf, SignedInClient, SignIn

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
TUESDAY_TEN = datetime(2026, 11, 24, 9, tzinfo=UTC)  # ten o'clock in Berlin

Book = Callable[..., MentorSession]


def make_mentor(person: User, **fields: Any) -> Mentor:
    """An approved mentor in Berlin, open from nine to five on weekdays, a day's notice, ninety dollars an hour."""
    principal = actors.principal_behind(actors.sign_in(person))
    usual: ProfileFields = {
        "headline": "Prices what others guess", "timezone": "Europe/Berlin", "price": Money(90_00, "USD"),
    }  # fmt: skip
    profile = cast("ProfileFields", usual | fields)
    services.apply_as_mentor(actor=principal, **profile)
    for weekday in range(1, 6):
        services.add_rule(actor=principal, weekday=weekday, start_minute=9 * 60, end_minute=17 * 60)
    return services.approve_mentor(actor_id=None, mentor_id=person.pk)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at noon on Friday, 20 November 2026; what was counted and kept before is forgotten."""
    cache.clear()
    gcra.memory.clear()
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def guide(freelancer: User) -> Mentor:
    """The mentor. Approval gave them the role."""
    return make_mentor(freelancer)


@pytest.fixture
def host(guide: Mentor, freelancer: User, principal_of: PrincipalOf) -> Principal:
    """The mentor, acting."""
    return principal_of(freelancer)


@pytest.fixture
def mentee(buyer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(buyer)


@pytest.fixture
def lead(support_lead: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(support_lead)


@pytest.fixture
def stranger(other_freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(other_freelancer)


@pytest.fixture
def book(guide: Mentor, mentee: Principal) -> Book:
    """Book an hour with the mentor, on Tuesday at ten unless told otherwise."""

    def booked(**wanted: Any) -> MentorSession:
        usual: dict[str, Any] = {
            "actor": mentee, "mentor_id": guide.id, "starts_at": TUESDAY_TEN, "duration_minutes": 60,
            "topic": "Pricing", "timezone": "Europe/London",
        }  # fmt: skip
        return services.book_session(**{**usual, **wanted})

    return booked


@pytest.fixture
def host_client(guide: Mentor, freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer, Audience.IOS)


@pytest.fixture
def client(buyer: User, sign_in: SignIn) -> SignedInClient:
    """The mentee's phone."""
    return sign_in(buyer, Audience.ANDROID)
