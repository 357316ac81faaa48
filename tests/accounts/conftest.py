"""Tests of accounts travel in time and sign in by the dozen, so limits are off unless a test turns them on."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.accounts.guarded import clock, guarded

__all__ = ("clock", "guarded")


@pytest.fixture(autouse=True)
def _unlimited_and_forgetful(settings: Settings) -> Iterator[None]:
    settings.RATE_LIMIT_SCALE = 0
    cache.clear()
    yield
    cache.clear()
