"""The Redis database of the run: taken only when empty, or left over from an earlier run, and emptied at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

MARKER = "gigvora:bench"


class RedisInUse(Exception):
    """Somebody else's keys are there; the run would flush them."""


@contextmanager
def reserved(url: str) -> Iterator[None]:
    client = Redis.from_url(url)
    if client.dbsize() and not client.exists(MARKER):
        raise RedisInUse("REDIS_URL names a database with keys in it; give the benchmarks an empty one.")
    client.flushdb()
    client.set(MARKER, 1)
    try:
        yield
    finally:
        client.flushdb()
        client.close()
