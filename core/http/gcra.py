"""The generic cell rate algorithm (ITU-T I.371), over many buckets at once: all of them admit, or none is charged.

A bucket is one number, the moment at which it will be empty again. Redis decides in one atomic round trip, in which
other keys may be read as well; the twin in memory serves a single process, or one that has lost Redis.
Buckets may name a credit, a number of requests that are admitted though these buckets are full.
Not here: whose buckets these are and what a caller is told (`core/http/limits.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from threading import Lock
from time import time
from typing import Any, NamedTuple

from django.core.cache import caches
from redis import Redis
from redis.exceptions import NoScriptError

from core.cache import ResilientRedisCache

_MICROSECONDS = 1_000_000

# KEYS are the buckets, a credit, then keys to be read; ARGV interval and window of each bucket, and whether the credit
# covers it. Of the keys that are read, the first forbids to charge anything if it exists, and so does the second if it
# does not.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local buckets = #ARGV / 3
local credit = buckets + 1
local found = redis.call('MGET', unpack(KEYS))
if #KEYS > credit and (found[credit + 1] or not found[credit + 2]) then
  return {unpack(found, credit + 1)}
end
local wait, covered = 0, 0
local answer = {unpack(found, credit + 1)}
local backlog = {}
for i = 1, buckets do
  backlog[i] = math.max(tonumber(found[i] or 0) - now, 0)
  local over = backlog[i] + ARGV[3 * i - 2] - ARGV[3 * i - 1]
  if ARGV[3 * i] == '1' then covered = math.max(covered, over) else wait = math.max(wait, over) end
end
local lent = wait == 0 and covered > 0 and tonumber(found[credit] or 0) > 0
if lent then redis.call('DECR', KEYS[credit]) else wait = math.max(wait, covered) end
table.insert(answer, math.ceil(wait))
for i = 1, buckets do
  if wait == 0 and not (lent and ARGV[3 * i] == '1') then
    backlog[i] = backlog[i] + ARGV[3 * i - 2]
    redis.call('SET', KEYS[i], string.format('%.0f', now + backlog[i]), 'PX', math.ceil(backlog[i] / 1000))
  end
  table.insert(answer, backlog[i])
end
return answer
"""
_SHA = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()


class Charge(NamedTuple):
    """One request's cost to one bucket, in microseconds: `interval` of the `window` that the bucket holds.

    `credit` is what a full bucket may be passed on; all charges of one request that name any name the same.
    """

    key: str
    interval: int
    window: int
    credit: str = ""


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
        self._credits: dict[str, tuple[int, int]] = {}  # when it ends, and how many requests are left
        self._lock = Lock()

    def charge(self, charges: Sequence[Charge]) -> Verdict:
        now = int(time() * _MICROSECONDS)
        with self._lock:
            backlog = [max(self._empty_at.get(key, 0) - now, 0) for key, *_ in charges]
            after = [used + charge.interval for used, charge in zip(backlog, charges, strict=True)]
            full = [charge for used, charge in zip(after, charges, strict=True) if used > charge.window]
            lent = bool(full) and self._borrow(full, now)
            if full and not lent:
                return Verdict(max(used - charge.window for used, charge in zip(after, charges, strict=True)), backlog)
            for index, charge in enumerate(charges):
                if not (lent and charge.credit):
                    backlog[index] = after[index]
                    self._remember(charge.key, now + after[index])
        return Verdict(0, backlog)

    def lend(self, key: str, count: int, seconds: int) -> bool:
        now = int(time() * _MICROSECONDS)
        with self._lock:
            if self._credits.get(key, (0, 0))[0] > now:
                return False
            self._credits.pop(key, None)
            self._credits[key] = (now + seconds * _MICROSECONDS, count)
            if len(self._credits) > self._capacity:
                del self._credits[next(iter(self._credits))]
        return True

    def _borrow(self, full: Sequence[Charge], now: int) -> bool:
        """Take one request from the credit that covers all the full buckets, if there is one."""
        key = full[0].credit
        until, left = self._credits.get(key, (0, 0))
        if not left or until <= now or not all(charge.credit for charge in full):
            return False
        self._credits[key] = (until, left - 1)
        return True

    def _remember(self, key: str, empty_at: int) -> None:
        self._empty_at.pop(key, None)
        self._empty_at[key] = empty_at
        if len(self._empty_at) > self._capacity:
            del self._empty_at[next(iter(self._empty_at))]

    def clear(self) -> None:
        with self._lock:
            self._empty_at.clear()
            self._credits.clear()


memory = MemoryBuckets()


def charge(charges: Sequence[Charge]) -> Verdict | None:
    """Charge every bucket for one request, or none of them if any is full; `None` when Redis is lost."""
    store = caches["default"]
    if not isinstance(store, ResilientRedisCache):
        return memory.charge(charges)
    answer = store.ask(lambda client: _run(client, charges, ()), lost=None)
    return None if answer is None else Verdict(answer[0], answer[1:])


def charge_reading(charges: Sequence[Charge], keys: Sequence[str]) -> tuple[Mapping[str, Any], Verdict | None]:
    """What the cache holds under `keys`, and in the same round trip the charge: unless the first of the keys exists
    or the second does not. Without a verdict nobody was charged, which is also so when it takes two round trips.
    """
    store = caches["default"]
    if not charges or not isinstance(store, ResilientRedisCache):
        return store.get_many(keys), None
    names = [store.make_key(key) for key in keys]
    answer: list[Any] = store.ask(lambda client: _run(client, charges, names), lost=[])
    found = {key: store.loads(value) for key, value in zip(keys, answer, strict=False) if value is not None}
    verdict = answer[len(keys) :]
    return found, Verdict(verdict[0], verdict[1:]) if verdict else None


def lend(key: str, count: int, seconds: int) -> bool:
    """Put `count` requests on a credit for so many seconds, unless one is running, used up or not."""
    store = caches["default"]
    if not isinstance(store, ResilientRedisCache):
        return memory.lend(key, count, seconds)
    return store.ask(lambda client: bool(client.set(key, count, nx=True, ex=seconds)), lost=False)


def _run(client: Redis, charges: Sequence[Charge], keys: Sequence[str]) -> list[Any]:
    credit = next((charge.credit for charge in charges if charge.credit), "")
    names = [*(charge.key for charge in charges), credit, *keys]
    costs = [cost for charge in charges for cost in (charge.interval, charge.window, int(bool(charge.credit)))]
    try:
        answer: list[Any] = client.evalsha(_SHA, len(names), *names, *costs)
    except NoScriptError:  # a restarted server has forgotten it
        answer = client.eval(_SCRIPT, len(names), *names, *costs)
    return answer
