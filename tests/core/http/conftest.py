"""What the tests of the wire share: both kinds of cache, and rate limits that count."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.cache import caches
from pytest_django import Settings
from redis import Redis

from core.cache import ResilientRedisCache
from core.http import gcra

MEMORY = {"BACKEND": "core.cache.MemoryCache"}
LOST_REDIS = {"BACKEND": "core.cache.ResilientRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
REDIS = pytest.param(
    {"BACKEND": "core.cache.ResilientRedisCache", "LOCATION": configured.REDIS_URL},
    id="redis",
    marks=[pytest.mark.redis, pytest.mark.skipif(not configured.REDIS_URL, reason="REDIS_URL names no Redis")],
)


@pytest.fixture
def limited(settings: Settings) -> Settings:
    settings.RATE_LIMIT_SCALE = 1
    return settings


@pytest.fixture(params=[pytest.param(MEMORY, id="memory"), REDIS])
def buckets(request: pytest.FixtureRequest, limited: Settings) -> Iterator[None]:
    """Empty buckets, in memory and in Redis."""
    yield from _emptied(limited, request.param)


@pytest.fixture
def buckets_without_redis(limited: Settings) -> Iterator[None]:
    yield from _emptied(limited, LOST_REDIS)


def _emptied(settings: Settings, cache: dict[str, Any]) -> Iterator[None]:
    settings.CACHES = {"default": cache}
    _empty()
    yield
    _empty()


def _empty() -> None:
    gcra.memory.clear()
    store = caches["default"]
    if isinstance(store, ResilientRedisCache):
        store.ask(_delete_buckets, lost=None)


def _delete_buckets(client: Redis) -> None:
    for key in client.scan_iter("limit:*"):
        client.delete(key)
