"""The cache keeps Django's semantics while Redis is there, and costs next to nothing when it is not."""

import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from redis import Redis
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from core import cache as subject
from core.cache import CompactSerializer, MemoryCache, ResilientRedisCache

OPTIONS = {"OPTIONS": {"socket_timeout": 0.1, "socket_connect_timeout": 0.1}}

needs_redis = pytest.mark.skipif(not settings.REDIS_URL, reason="REDIS_URL names no Redis")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never answers: the slowest way to be lost."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield server.getsockname()[1]


@pytest.fixture
def lost(silent_port: int) -> ResilientRedisCache:
    return ResilientRedisCache(f"redis://127.0.0.1:{silent_port}/0", dict(OPTIONS))


@pytest.fixture(params=["memory", pytest.param("redis", marks=[needs_redis, pytest.mark.redis])])
def store(request: pytest.FixtureRequest) -> Iterator[BaseCache]:
    if request.param == "memory":
        made: BaseCache = MemoryCache("test-cache", {})
    else:
        made = ResilientRedisCache(settings.REDIS_URL, {**OPTIONS, "KEY_PREFIX": "test-cache"})
    yield made
    made.delete_many(["a", "b", "n"])


@pytest.mark.parametrize(
    "value",
    [0, -7, 2**62, True, None, 1.5, "", "é😀", "12", "\ud800", b"", b"\x80\x00", b"12", [1, ("a",)], {"a": {1, 2}}],
)
def test_cache__any_value__comes_back_as_it_was(store: BaseCache, value: Any) -> None:
    store.set("a", value, 60)

    assert store.get("a") == value
    assert type(store.get("a")) is type(value)
    assert store.get_many(["a", "b"]) == {"a": value}


def test_cache__add_and_incr__keep_their_semantics(store: BaseCache) -> None:
    assert store.add("n", 1, 60) is True
    assert store.add("n", 9, 60) is False
    assert store.incr("n") == 2
    assert store.incr("n", 5) == 7
    assert store.get("n") == 7
    with pytest.raises(ValueError, match="not found"):
        store.incr("missing")


def test_cache__expired__missing(store: BaseCache) -> None:
    store.set("a", "x", 1)
    store.set("b", "x", 0)

    assert store.get("b", "default") == "default"
    time.sleep(1.1)
    assert store.get("a") is None


@needs_redis
@pytest.mark.redis
def test_redis_cache__of_two_threads__share_one_client() -> None:
    with ThreadPoolExecutor(1) as other:
        theirs = other.submit(lambda: caches["default"]._cache).result()  # type: ignore[attr-defined]

    assert theirs is caches["default"]._cache  # type: ignore[attr-defined]


@needs_redis
@pytest.mark.redis
def test_redis_cache__raw_client__answers() -> None:
    store = ResilientRedisCache(settings.REDIS_URL, dict(OPTIONS))

    assert store.ask(lambda client: client.ping(), lost=False) is True


@needs_redis
@pytest.mark.redis
def test_redis_cache__server_hung_up_meanwhile__asked_on_a_new_line() -> None:
    store = ResilientRedisCache(settings.REDIS_URL, {**OPTIONS, "KEY_PREFIX": "test-hung-up"})
    store.set("a", 1, 60)
    with Redis.from_url(settings.REDIS_URL) as other:
        other.execute_command("CLIENT", "KILL", "ID", store.ask(lambda client: client.client_id(), lost=0))

    assert store.get("a") == 1


@needs_redis
@pytest.mark.redis
def test_redis_cache__refused_command__line_still_answers() -> None:
    store = ResilientRedisCache(settings.REDIS_URL, {**OPTIONS, "KEY_PREFIX": "test-refused"})
    store.set("a", "x", 60)

    with pytest.raises(ResponseError):
        store.incr("a")
    assert store.get("a") == "x"


@needs_redis
@pytest.mark.redis
def test_redis_cache__child_process__has_a_line_of_its_own() -> None:
    store = ResilientRedisCache(settings.REDIS_URL, {**OPTIONS, "KEY_PREFIX": "test-child"})
    ours = store.ask(lambda client: client.client_id(), lost=0)

    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, str(store.ask(lambda client: client.client_id(), lost=0)).encode())
        os._exit(0)
    os.wait()

    theirs = int(os.read(reader, 20))
    assert 0 != theirs != ours
    assert store.ask(lambda client: client.client_id(), lost=0) == ours


@needs_redis
@pytest.mark.redis
def test_redis_cache__threads_that_come_and_go__never_use_the_connections_up() -> None:
    options = {"OPTIONS": {**OPTIONS["OPTIONS"], "max_connections": 2}}
    store = ResilientRedisCache(settings.REDIS_URL, {**options, "KEY_PREFIX": "test-threads"})

    def ping() -> bool:
        with ThreadPoolExecutor(1) as pool:
            alive: bool = pool.submit(store.ask, lambda client: client.ping(), lost=False).result()
        return alive

    assert [ping() for _ in range(5)] == [True] * 5


def test_redis_cache__lost__reads_as_missing_and_drops_writes(lost: ResilientRedisCache) -> None:
    lost.set("a", 1)
    lost.set_many({"a": 1})
    lost.clear()
    lost.delete_many(["a"])

    assert lost.get("a", "default") == "default"
    assert lost.get_many(["a"]) == {}
    assert lost.has_key("a") is False
    assert lost.touch("a") is False
    assert lost.delete("a") is False
    assert lost.ask(lambda client: client.ping(), lost=None) is None
    with pytest.raises(ValueError, match="not found"):
        lost.incr("a")


def test_redis_cache__lost__nobody_is_the_first(lost: ResilientRedisCache) -> None:
    assert lost.add("lock", 1, 10) is False


def test_redis_cache__lost__costs_one_timeout_for_many_calls(lost: ResilientRedisCache) -> None:
    began = time.monotonic()
    for _ in range(2000):
        lost.get("a")

    assert time.monotonic() - began < 0.5


def test_redis_cache__refused_connection__reads_as_missing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert ResilientRedisCache(f"redis://127.0.0.1:{port}/0", dict(OPTIONS)).get("a") is None


@needs_redis
@pytest.mark.redis
def test_redis_cache__server_is_back__serves_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "PAUSE", 0.05)
    store = ResilientRedisCache(settings.REDIS_URL, {**OPTIONS, "KEY_PREFIX": "test-back"})
    store.set("a", 1, 60)
    store.ask(_fail, lost=None)

    assert store.get("a") is None
    time.sleep(0.06)
    assert store.get("a") == 1


def _fail(client: Redis) -> None:
    raise RedisTimeoutError


def test_breaker__lost__lets_one_caller_per_pause_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "PAUSE", 0.05)
    breaker = subject.Breaker()

    assert [breaker.allows(), breaker.allows()] == [True, True]
    breaker.failed(RedisTimeoutError())
    assert [breaker.allows(), breaker.allows()] == [False, False]
    time.sleep(0.06)
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_serializer__integers__stay_countable() -> None:
    serializer = CompactSerializer()

    assert serializer.dumps(7) == 7
    assert serializer.loads(b"-7") == -7
    assert serializer.dumps("text") == b"stext"
    assert serializer.dumps(b"raw") == b"braw"
