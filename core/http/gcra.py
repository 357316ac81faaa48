"""The generic cell rate algorithm (ITU-T I.371), over many buckets at once: all of them admit, or none is charged.

A bucket is one number, the moment at which it will be empty again. Redis decides in one atomic round trip; the
twin in memory serves a single process, or one that has lost Redis.
Not here: whose buckets these are and what a caller is told (`core/http/limits.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from threading import Lock
from time import time
from typing import NamedTuple

from django.core.cache import caches
from redis import Redis
from redis.exceptions import NoScriptError

from core.cache import ResilientRedisCache

_MICROSECONDS = 1_000_000

_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local empty_at = redis.call('MGET', unpack(KEYS))
local wait = 0
local backlog = {}
for i = 1, #KEYS do
  backlog[i] = math.max(tonumber(empty_at[i] or 0) - now, 0)
  wait = math.max(wait, backlog[i] + ARGV[2 * i - 1] - ARGV[2 * i])
end
if wait == 0 then
  for i, key in ipairs(KEYS) do
    backlog[i] = backlog[i] + ARGV[2 * i - 1]
    redis.call('SET', key, string.format('%.0f', now + backlog[i]), 'PX', math.ceil(backlog[i] / 1000))
  end
end
return {math.ceil(wait), unpack(backlog)}
"""
_SHA = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()


class Charge(NamedTuple):
    """One request's cost to one bucket, in microseconds: `interval` of the `window` that the bucket holds."""

    key: str
    interval: int
    window: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait` is zero when admitted; `backlog` is how much of each window is used up. Microseconds."""

    wait: int
    backlog: Sequence[int]


class MemoryBuckets:
    """Buckets of one process. The least recently charged are forgotten first, so that memory stays bounded."""

    def __init__(self, capacity: int = 50_000) -> None:
        self._capacity = capacity
        self._empty_at: dict[str, int] = {}
        self._lock = Lock()

    def charge(self, charges: Sequence[Charge]) -> Verdict:
        now = int(time() * _MICROSECONDS)
        with self._lock:
            backlog = [max(self._empty_at.get(key, 0) - now, 0) for key, _, _ in charges]
            after = [used + charge.interval for used, charge in zip(backlog, charges, strict=True)]
            wait = max(used - charge.window for used, charge in zip(after, charges, strict=True))
            if wait > 0:
                return Verdict(wait, backlog)
            for used, charge in zip(after, charges, strict=True):
                self._remember(charge.key, now + used)
        return Verdict(0, after)

    def _remember(self, key: str, empty_at: int) -> None:
        self._empty_at.pop(key, None)
        self._empty_at[key] = empty_at
        if len(self._empty_at) > self._capacity:
            del self._empty_at[next(iter(self._empty_at))]

    def clear(self) -> None:
        with self._lock:
            self._empty_at.clear()


memory = MemoryBuckets()


def charge(charges: Sequence[Charge]) -> Verdict | None:
    """Charge every bucket for one request, or none of them if any is full; `None` when Redis is lost."""
    store = caches["default"]
    if not isinstance(store, ResilientRedisCache):
        return memory.charge(charges)
    return store.ask(lambda client: _charge_redis(client, charges), lost=None)


def _charge_redis(client: Redis, charges: Sequence[Charge]) -> Verdict:
    keys = [charge.key for charge in charges]
    costs = [cost for charge in charges for cost in (charge.interval, charge.window)]
    try:
        wait, *backlog = client.evalsha(_SHA, len(keys), *keys, *costs)
    except NoScriptError:  # a restarted server has forgotten it
        wait, *backlog = client.eval(_SCRIPT, len(keys), *keys, *costs)
    return Verdict(wait, backlog)
