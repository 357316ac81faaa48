"""The Redis database of the run: taken only when empty, or left over from an earlier run, and emptied at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

MARKER = "gigvora:bench"


class RedisInUse(Exception):
    """Somebody else's keys are there; the run would flush them."""


@contextmanager
def reserved(url: str) -> Iterator["Redis"]:
    """Hold the database for the length of a run.

    Raises:
        RedisInUse: it holds keys that no run left behind.
    """
    client = Redis.from_url(url)
    if client.dbsize() and not client.exists(MARKER):
        raise RedisInUse("REDIS_URL names a database with keys in it; give the benchmarks an empty one.")
    empty(client)
    try:
        yield client
    finally:
        client.flushdb()
        client.close()


def empty(client: "Redis") -> None:
    client.flushdb()
    client.set(MARKER, 1)


def held_mb(client: "Redis") -> float:
    """What the keys of this database occupy."""
    return sum(int(client.memory_usage(key) or 0) for key in client.scan_iter(count=1000)) / 2**20
