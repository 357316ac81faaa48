"""Burst allowances: a push that the server sent lets its device in, once; nothing that a client says does."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import time_machine
from pytest_django import Settings

from accounts.models import User
from core.db.ids import uuid7
from core.http import bursts, gcra
from core.http.access import Audience
from core.http.limits import policies
from finance.views import InsightsViewSet
from notifications.views import NotificationViewSet
from tests.accounts.actors import SignedInClient, SignIn
from tests.core.http.conftest import MEMORY

PER_MINUTE = 300
INBOX = "/v1/notifications/unread-count"
DAY = 86_400_000_000  # microseconds
CREDIT = bursts.key_of("d")
# A device that may send two a day and is covered, and a network that may send four and is not.
CHARGES = [gcra.Charge("limit:t:device", DAY // 2, DAY, CREDIT), gcra.Charge("limit:t:network", DAY // 4, DAY)]


@pytest.fixture
def clock(limited: Settings) -> Iterator[time_machine.Traveller]:
    """Time stands still, so that nothing drips out of the buckets, which begin empty."""
    limited.CACHES = {"default": MEMORY}
    gcra.memory.clear()
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller
    gcra.memory.clear()


@pytest.fixture
def phone(clock: Any, sign_in: SignIn, freelancer: User) -> SignedInClient:
    return sign_in(freelancer, Audience.ANDROID)


def device_of(client: SignedInClient) -> UUID:
    device_id = client.principal.device_id
    assert device_id is not None
    return device_id


def statuses(client: SignedInClient, times: int, path: str = INBOX, **headers: Any) -> list[int]:
    return [client.get(path, **headers).status_code for _ in range(times)]


def waits(times: int) -> list[bool]:
    return [verdict.wait > 0 for _ in range(times) if (verdict := gcra.charge(CHARGES))]


@pytest.mark.django_db
def test_row_41__push_that_was_sent__lets_its_device_in_forty_times_more(phone: SignedInClient) -> None:
    assert statuses(phone, PER_MINUTE + 1) == [200] * PER_MINUTE + [429]

    assert bursts.grant(device_of(phone)) is True

    assert statuses(phone, bursts.REQUESTS + 2) == [200] * bursts.REQUESTS + [429] * 2


@pytest.mark.django_db
@pytest.mark.usefixtures("buckets")
def test_row_41__whoever_counts__lets_a_device_in_forty_times_more(sign_in: SignIn, freelancer: User) -> None:
    phone = sign_in(freelancer, Audience.ANDROID)
    begun = time.monotonic()
    before = statuses(phone, PER_MINUTE + 30).count(200)
    bursts.grant(device_of(phone))
    after = statuses(phone, bursts.REQUESTS + 50).count(200)

    dripped = (time.monotonic() - begun) * PER_MINUTE / 60 + 1
    assert PER_MINUTE + bursts.REQUESTS <= before + after <= PER_MINUTE + bursts.REQUESTS + dripped


@pytest.mark.django_db
def test_row_41__second_push__adds_nothing_until_the_first_is_over(
    phone: SignedInClient, clock: time_machine.Traveller
) -> None:
    statuses(phone, PER_MINUTE)
    assert [bursts.grant(device_of(phone)) for _ in range(3)] == [True, False, False]
    assert statuses(phone, bursts.REQUESTS + 1).count(200) == bursts.REQUESTS
    assert bursts.grant(device_of(phone)) is False, "one that is used up runs until its end"

    clock.shift(bursts.SECONDS + 1)

    assert bursts.grant(device_of(phone)) is True
    assert statuses(phone, PER_MINUTE + bursts.REQUESTS + 1).count(200) == PER_MINUTE + bursts.REQUESTS


@pytest.mark.django_db
def test_row_41__allowance_that_nobody_came_for__is_gone_after_two_minutes(
    phone: SignedInClient, clock: time_machine.Traveller
) -> None:
    bursts.grant(device_of(phone))
    clock.shift(bursts.SECONDS)

    assert statuses(phone, PER_MINUTE + 1) == [200] * PER_MINUTE + [429]


@pytest.mark.django_db
def test_row_41__claims_of_a_client__grant_nothing(phone: SignedInClient) -> None:
    statuses(phone, PER_MINUTE)
    claims = {
        "HTTP_X_PUSH_RECEIVED": "1",
        "HTTP_X_BURST": "40",
        "HTTP_X_RATE_LIMIT_BURST": "true",
        "HTTP_X_DEVICE_ID": str(uuid7()),
    }
    assert statuses(phone, 3, **claims) == [429] * 3

    receipt = {"receipts": [{"id": str(uuid7()), "status": "delivered"}], "burst": True}
    for path in ("/v1/notifications/receipts", "/v1/notifications/device-token", INBOX):
        assert phone.post(path, receipt, format="json").status_code in {404, 405, 429}

    assert statuses(phone, 3) == [429] * 3


@pytest.mark.django_db
def test_row_41__push_to_another_device__helps_this_one_nothing(
    phone: SignedInClient, sign_in: SignIn, freelancer: User
) -> None:
    statuses(phone, PER_MINUTE)
    bursts.grant(device_of(sign_in(freelancer, Audience.IOS)))

    assert statuses(phone, 2) == [429] * 2


@pytest.mark.django_db
def test_row_41__routes_that_nobody_comes_to_from_a_push__keep_their_limits(phone: SignedInClient) -> None:
    statuses(phone, PER_MINUTE)
    bursts.grant(device_of(phone))

    for path in ("/v1/auth/me", "/v1/sessions", "/mobile/v2/wallet/insights", "/v1/finance/accounts"):
        assert statuses(phone, 2, path) == [429] * 2
    assert statuses(phone, bursts.REQUESTS + 1).count(200) == bursts.REQUESTS, "and asking them used nothing up"


def test_bursts__cover_what_is_shared_by_all_routes__and_nothing_else() -> None:
    assert [policy.by for policy in policies(NotificationViewSet, "list", 1.0) if policy.bursts] == ["user", "device"]
    assert not any(policy.bursts for policy in policies(InsightsViewSet, "", 1.0))


@pytest.mark.usefixtures("buckets")
def test_credit__covers_full_buckets__until_it_is_used_up() -> None:
    assert gcra.lend(CREDIT, 1, 60) is True
    assert gcra.lend(CREDIT, 1, 60) is False

    assert waits(5) == [False, False, False, True, True]


@pytest.mark.usefixtures("buckets")
def test_credit__bucket_that_it_does_not_cover__holds_and_costs_no_credit() -> None:
    gcra.lend(CREDIT, 9, 60)

    assert waits(6) == [False] * 4 + [True] * 2
    lone = gcra.charge([gcra.Charge("limit:t:device", DAY // 2, DAY, CREDIT)])
    assert lone is not None
    assert (lone.wait, lone.backlog[0] > DAY * 0.99) == (0, True), "admitted on the credit, and told that it is full"


@pytest.mark.usefixtures("buckets_without_redis")
def test_credit__redis_lost__none_is_given() -> None:
    assert bursts.grant(uuid7()) is False


def test_memory_buckets__more_credits_than_capacity__oldest_forgotten() -> None:
    buckets = gcra.MemoryBuckets(capacity=1)

    assert [buckets.lend(key, 1, 60) for key in ("a", "b", "a")] == [True, True, True]
