"""Stamps: whoever holds a copy learns at once, and for nothing, that it is stale."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from django.core.cache import cache

from core import stamps
from core.stamps import LOOK_AGAIN, Stamp


@pytest.fixture
def stamp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stamp]:
    monkeypatch.setattr(stamps, "_stamps", {})
    cache.clear()
    yield Stamp("trial:changed")
    cache.clear()


@pytest.mark.django_db
def test_stamp__changed__is_another_one_once_the_transaction_commits(
    stamp: Stamp, django_capture_on_commit_callbacks: Any
) -> None:
    before = stamp.current()

    with django_capture_on_commit_callbacks(execute=True):
        stamp.change()
        assert stamp.current() is before

    assert stamp.current() == cache.get(stamp.key)
    assert stamp.current() is not before


def test_stamp__changed_elsewhere__is_seen_with_what_else_is_read(stamp: Stamp) -> None:
    assert stamp.current() is None
    cache.set(stamp.key, "changed")
    assert stamp.current() is None

    stamps.see(cache.get_many(["something", *stamps.keys()]))

    assert stamp.current() == "changed"


def test_stamp__nothing_is_read_for_a_while__is_asked_for(stamp: Stamp, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stamp.current() is None
    cache.set(stamp.key, "changed")
    now = monotonic()

    monkeypatch.setattr(stamps, "monotonic", lambda: now + LOOK_AGAIN - 1)
    assert stamp.current() is None
    monkeypatch.setattr(stamps, "monotonic", lambda: now + LOOK_AGAIN + 1)
    assert stamp.current() == "changed"
