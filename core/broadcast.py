"""Telling every process, at once, what was just committed: so that sockets close and caches empty in milliseconds.

A broadcast is a hint. It may be lost with Redis or with a process, so whoever acts on one looks at the rows now and
then as well. Not here: what must happen (an event in the outbox), nor work (`core/jobs.py`).
"""

import logging
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import orjson
from django.core.cache import caches
from django.db import transaction
from redis.exceptions import RedisError

from core.cache import ResilientRedisCache

Message = Mapping[str, Any]
Listener = Callable[[Message], None]

CHANNEL = "broadcast"
_PAUSE = 1.0  # seconds between two attempts to listen to a lost server

_log = logging.getLogger(__name__)
_listeners: defaultdict[str, list[Listener]] = defaultdict(list)


def broadcast(topic: str, message: Message) -> None:
    """Tell listeners of `topic` in all processes, when the current transaction commits, or at once outside of one.

    `message` holds plain JSON values, small ones: ids and reasons.
    """
    transaction.on_commit(partial(_send, topic, dict(message)), robust=True)


def listen(topic: str, listener: Listener) -> Callable[[], None]:
    """Have `listener` called, in any thread, with every message of `topic`. The answer ends that."""
    _listeners[topic].append(listener)
    return partial(_forget, topic, listener)


class Relay:
    """Brings the broadcasts of other processes into this one, for as long as it runs. Without Redis there are none."""

    def __init__(self) -> None:
        self._stopped = Event()
        self.is_listening = Event()
        self._thread = Thread(target=self._run, name="broadcasts", daemon=True)

    def start(self) -> None:
        if isinstance(caches["default"], ResilientRedisCache):
            self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        store: Any = caches["default"]
        while not self._stopped.is_set():
            with suppress(RedisError, OSError):
                self._follow(store._cache.redis)
            self.is_listening.clear()
            self._stopped.wait(_PAUSE)

    def _follow(self, redis: Any) -> None:
        with redis.pubsub(ignore_subscribe_messages=True) as subscription:
            subscription.subscribe(CHANNEL)
            self.is_listening.set()
            while not self._stopped.is_set():
                found = subscription.get_message(timeout=0.5)
                if found is not None:
                    _receive(found["data"])


def _send(topic: str, message: dict[str, Any]) -> None:
    _deliver(topic, message)
    store = caches["default"]
    if isinstance(store, ResilientRedisCache):
        parcel = orjson.dumps({"from": _address(), "topic": topic, "message": message})
        store.ask(lambda redis: redis.publish(CHANNEL, parcel), lost=0)


def _receive(parcel: bytes) -> None:
    opened = orjson.loads(parcel)
    if opened["from"] != _address():  # what this process sent, it has delivered
        _deliver(opened["topic"], opened["message"])


def _deliver(topic: str, message: Message) -> None:
    for listener in tuple(_listeners[topic]):
        try:
            listener(message)
        except Exception:
            _log.exception("A listener to %s failed.", topic)


def _forget(topic: str, listener: Listener) -> None:
    with suppress(ValueError):
        _listeners[topic].remove(listener)


_drawn: dict[int, str] = {}


def _address() -> str:
    """Of this process; a child draws its own."""
    return _drawn.setdefault(os.getpid(), uuid4().hex)
