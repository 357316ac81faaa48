"""The providers on localhost, and an app that signs in with them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.providers.keys import store
from core.outbound import client
from tests.fakes.https import authority_file
from tests.fakes.providers import FakeApple, FakeFacebook, FakeGoogle

SignInWith = Callable[..., Any]
IPHONE = {"platform": "ios", "name": "iPhone"}


@pytest.fixture(autouse=True)
def _nothing_remembered(settings: Settings) -> Iterator[None]:
    settings.OUTBOUND_CA_FILE = authority_file()
    yield
    store.forget()
    client.breaker.forget()
    client._providers.cache_clear()
    cache.clear()


@pytest.fixture
def apple(settings: Settings) -> Iterator[FakeApple]:
    with FakeApple() as provider:
        settings.SOCIAL_PROVIDERS = {**settings.SOCIAL_PROVIDERS, "apple": provider.settings()}
        yield provider


@pytest.fixture
def google(settings: Settings) -> Iterator[FakeGoogle]:
    with FakeGoogle() as provider:
        settings.SOCIAL_PROVIDERS = {**settings.SOCIAL_PROVIDERS, "google": provider.settings()}
        yield provider


@pytest.fixture
def facebook(settings: Settings) -> Iterator[FakeFacebook]:
    with FakeFacebook() as provider:
        settings.SOCIAL_PROVIDERS = {**settings.SOCIAL_PROVIDERS, "facebook": provider.settings()}
        yield provider


def new_nonce() -> str:
    answer = APIClient().post("/v1/auth/social/nonce")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["nonce"])


def sign_in_with(provider: str, **body: Any) -> Any:
    return APIClient().post(f"/v1/auth/social/{provider}", body, format="json")


def outcome(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")
