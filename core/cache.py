"""Caches that never take a request down with them.

A lost Redis reads as a miss and drops what is written, so whatever is cached must either expire or carry a
version in its key. Not here: anything that must not be lost; that is a row.
"""

import logging
import pickle
from collections.abc import Callable
from functools import cached_property, lru_cache
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from core.lean_redis import LeanRedis

T = TypeVar("T")
logger = logging.getLogger(__name__)

LOST = (RedisConnectionError, RedisTimeoutError, ReadOnlyError, OutOfMemoryError, OSError)
PAUSE = 1.0  # seconds between two attempts to reach a lost server

_BYTES, _TEXT = b"b", b"s"
_PICKLE = b"\x80"  # how every pickle since protocol 2 begins


class MemoryCache(LocMemCache):
    """The embedded default: one process, one memory."""


class CompactSerializer:
    """Integers as Redis counts them, bytes and text as they are behind a mark, all else pickled."""

    def dumps(self, value: Any) -> Any:
        kind = type(value)
        if kind is int:  # not a bool, which must come back as one
            return value
        if kind is bytes:
            return _BYTES + value
        if kind is str:
            return _TEXT + value.encode("utf-8", "surrogatepass")
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)

    def loads(self, data: Any) -> Any:
        mark = data[:1]
        if mark == _BYTES:
            return data[1:]
        if mark == _TEXT:
            return data[1:].decode("utf-8", "surrogatepass")
        # Our own Redis is as trusted as our own database; nothing a client sends is ever unpickled.
        return pickle.loads(data) if mark == _PICKLE else int(data)  # noqa: S301


_SERIALIZER = CompactSerializer()


class Breaker:
    """Skips a lost server, and lets one caller per pause find out whether it is back."""

    def __init__(self) -> None:
        self._ask_again_at = 0.0  # zero: all is well
        self._lock = Lock()

    def allows(self) -> bool:
        if not self._ask_again_at:
            return True
        with self._lock:
            now = monotonic()
            if now < self._ask_again_at:
                return False
            self._ask_again_at = now + PAUSE
            return True

    def succeeded(self) -> None:
        if self._ask_again_at:
            self._ask_again_at = 0.0
            logger.warning("Redis is back.")

    def failed(self, error: Exception) -> None:
        if not self._ask_again_at:
            logger.error("Redis is lost: %s", error)
        self._ask_again_at = monotonic() + PAUSE


class ResilientClient(RedisCacheClient):
    """Django's Redis client behind a breaker, with one connection pool for all threads."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        # No retries: a second attempt would only double the time a lost server costs.
        super().__init__(servers, serializer=_SERIALIZER, retry=Retry(NoBackoff(), 0), **options)
        self.breaker = Breaker()

    @cached_property
    def redis(self) -> Redis:
        return LeanRedis(connection_pool=self._get_connection_pool(write=True))  # type: ignore[attr-defined]

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        return self.redis

    def attempt(self, lost: T, operation: Callable[..., T], *args: Any) -> T:
        """Run an operation, or answer `lost` when the server is."""
        if not self.breaker.allows():
            return lost
        try:
            result = operation(*args)
        except LOST as error:
            self.breaker.failed(error)
            return lost
        self.breaker.succeeded()
        return result

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        # False is the truth (nothing was stored) and the safe answer: whoever uses `add` as a lock or to see a
        # nonce for the first time must not believe to be the first when nobody is counting.
        return self.attempt(False, super().add, key, value, timeout)

    def get(self, key: Any, default: Any) -> Any:
        return self.attempt(default, super().get, key, default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        self.attempt(None, super().set, key, value, timeout)

    def touch(self, key: Any, timeout: Any) -> bool:
        return self.attempt(False, super().touch, key, timeout)

    def delete(self, key: Any) -> bool:
        return self.attempt(False, super().delete, key)

    def get_many(self, keys: Any) -> dict[Any, Any]:
        return self.attempt({}, super().get_many, keys)

    def has_key(self, key: Any) -> bool:
        return self.attempt(False, super().has_key, key)

    def incr(self, key: Any, delta: int) -> int:
        count = self.attempt(None, super().incr, key, delta)
        if count is None:  # a miss, and Django's way to say so
            raise ValueError(f"Key '{key}' not found.")
        return int(count)

    def set_many(self, data: Any, timeout: Any) -> None:
        self.attempt(None, super().set_many, data, timeout)

    def delete_many(self, keys: Any) -> None:
        self.attempt(None, super().delete_many, keys)

    def clear(self) -> bool:
        return self.attempt(False, super().clear)


class ResilientRedisCache(RedisCache):
    """Redis, or nothing: a lost server reads as a miss, and is asked again after a second."""

    _servers: list[str]
    _options: dict[str, Any]

    @cached_property
    def _cache(self) -> ResilientClient:
        # Django makes a cache per thread, and per request under ASGI; connections and breaker are the process's.
        return _shared_client(tuple(self._servers), tuple(sorted(self._options.items())))

    def validate_key(self, key: str) -> None:
        """Redis takes any key; Django would look at every letter, for the sake of memcached."""

    def loads(self, data: bytes) -> Any:
        """A value as it was stored, from what the raw client reads."""
        return _SERIALIZER.loads(data)

    def ask(self, command: Callable[[Redis], T], *, lost: T) -> T:
        """Run a command on the raw client, for what the cache API cannot say, such as a script."""
        client = self._cache
        return client.attempt(lost, command, client.redis)


@lru_cache(maxsize=8)
def _shared_client(servers: tuple[str, ...], options: tuple[tuple[str, Any], ...]) -> ResilientClient:
    return ResilientClient(list(servers), **dict(options))
