"""Telling every process at once, when it is committed and not before."""

import subprocess
import sys
from collections.abc import Iterator
from threading import Event
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import transaction

from core import broadcast
from core.cache import ResilientRedisCache

pytestmark = pytest.mark.django_db(transaction=True)


class Ear:
    """Listens to a topic of its own, since tests in other processes send as well."""

    def __init__(self) -> None:
        self.topic = uuid4().hex
        self.heard: list[Any] = []
        self.rang = Event()

    def __call__(self, message: Any) -> None:
        self.heard.append(dict(message))
        self.rang.set()


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    forget = broadcast.listen(ear.topic, ear)
    yield ear
    forget()


def test_broadcast__in_a_transaction__rings_as_it_commits(ear: Ear) -> None:
    with transaction.atomic():
        broadcast.broadcast(ear.topic, {"id": 1})
        assert ear.heard == []

    assert ear.heard == [{"id": 1}]


def test_broadcast__rolled_back__is_silent(ear: Ear) -> None:
    with transaction.atomic():
        broadcast.broadcast(ear.topic, {"id": 1})
        transaction.set_rollback(True)

    assert ear.heard == []


def test_broadcast__another_topic_or_no_listener_any_more__is_not_heard(ear: Ear) -> None:
    other = Ear()
    broadcast.listen(ear.topic, other)()

    broadcast.broadcast("other topic", {})
    broadcast.broadcast(ear.topic, {})

    assert (ear.heard, other.heard) == ([{}], [])


def test_broadcast__a_listener_fails__others_hear_and_the_sender_does_not_care(ear: Ear) -> None:
    def fail(message: Any) -> None:
        raise RuntimeError

    forget = broadcast.listen(ear.topic, fail)
    later = Ear()
    forget_later = broadcast.listen(ear.topic, later)

    broadcast.broadcast(ear.topic, {"id": 2})

    forget()
    forget_later()
    assert ear.heard == later.heard == [{"id": 2}]


@pytest.fixture
def relay() -> Iterator[broadcast.Relay]:
    if not isinstance(caches["default"], ResilientRedisCache):
        pytest.skip("needs Redis: without it there is one process")
    relay = broadcast.Relay()
    relay.start()
    assert relay.is_listening.wait(5)
    yield relay
    relay.stop()


def send_from_another_process(topic: str, number: int) -> None:
    code = (
        f"import django; django.setup()\nfrom core import broadcast\nbroadcast._send({topic!r}, {{'id': {number}}})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_relay__from_another_process__is_heard_here(ear: Ear, relay: broadcast.Relay) -> None:
    send_from_another_process(ear.topic, 3)

    assert ear.rang.wait(5)
    assert ear.heard == [{"id": 3}]


def test_relay__from_this_process__is_heard_once(ear: Ear, relay: broadcast.Relay) -> None:
    broadcast.broadcast(ear.topic, {"id": 4})
    ear.rang.clear()
    send_from_another_process(ear.topic, 5)
    assert ear.rang.wait(5)

    assert ear.heard == [{"id": 4}, {"id": 5}]


def test_relay__without_redis__does_nothing(settings: Any) -> None:
    with patch("core.broadcast.caches", {"default": object()}):
        relay = broadcast.Relay()
        relay.start()
        relay.stop()

    assert not relay.is_listening.is_set()
