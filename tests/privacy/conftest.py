"""People who leave and stay, and the clockwork that a test runs by hand."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from core import jobs
from core.http.access import Audience
from events import services as events
from privacy.services import erasing
from tests.accounts.actors import SignedInClient, SignIn

Erase = Callable[[SignedInClient], None]


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Files of a test are its own, and nothing is remembered of others."""
    home = {"location": str(tmp_path / "private")}
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": home},
    }
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def client(sign_in: SignIn, freelancer: User) -> SignedInClient:
    return sign_in(freelancer, Audience.IOS)


@pytest.fixture
def other(sign_in: SignIn, other_freelancer: User) -> SignedInClient:
    return sign_in(other_freelancer, Audience.ANDROID)


@pytest.fixture
def erase(db: None) -> Erase:
    """`erase(client)`: delete the client's account and let the grace period pass."""

    def run(client: SignedInClient) -> None:
        assert client.delete("/v1/auth/me").status_code == 202
        after_grace()

    return run


def let_pass(time: timedelta) -> None:
    """Let some time pass, and every job run that the clock rings for."""
    with time_machine.travel(timezone.now() + time):
        for job in jobs.jobs():
            if job.every is not None:
                jobs.run(job.name)


def after_grace() -> None:
    """Let a month pass, and the jobs run until nothing is due."""
    events.dispatch()
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        for _ in range(3):  # what waits for events in delivery is tried again
            erasing.erase_due()
            events.dispatch()
            with time_machine.travel(timezone.now() + timedelta(minutes=5)):
                erasing.erase_due()
                events.dispatch()
