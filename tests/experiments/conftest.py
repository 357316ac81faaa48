"""Flags for tests; each test begins with nothing set and nothing held."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache

from core.contributions import flags
from core.contributions.flags import Flag
from experiments import held, providers, services
from experiments.types import Setting, State

SetFlag = Callable[..., None]
ADA = UUID("018f0000-0000-7000-8000-00000000ada0")


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    cache.clear()
    held.copy.forget()
    held.CHANGED.see(None)
    yield
    held.copy.forget()
    providers.close()
    cache.clear()


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Flag:
    """A flag that only the tests declare; off by default."""
    monkeypatch.setattr(flags, "_flags", dict(flags._flags))
    return flags.declare_flag(Flag("trial", "Something that is being tried.", default=False))


@pytest.fixture
def set_flag(db: None, django_capture_on_commit_callbacks: Any) -> SetFlag:
    """`set_flag(FLAG, rollout=10)`: staff set it, and the transaction commits. On, unless told otherwise."""

    def set_(flag: Flag, state: State = State.ON, **given: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            services.set_flag(actor=ADA, name=flag.name, setting=Setting(state=state, **given), reason="trial")

    return set_
