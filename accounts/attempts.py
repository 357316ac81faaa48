"""Slowing down whoever guesses: after a few tries, one per growing interval, never a lock-out.

Passwords are counted per address and network, so that nobody can keep an owner out from elsewhere. What only somebody
can guess who has come through a first door is counted `everywhere`, and longer. While the shared cache is lost, each
process counts for itself. Not here: the limits of requests per client (`core/http`), which stand before this.
"""

import ipaddress
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.core.cache import cache

from accounts.digests import peppered
from accounts.errors import HashingBusy, TooManyAttempts
from core import context
from core.cache import MemoryCache

FREE_ATTEMPTS = 5
LONGEST_DELAY = 60  # seconds
LONGEST_DELAY_EVERYWHERE = 900  # seconds
REMEMBERED = 3600  # seconds
_own = MemoryCache("attempts", {"OPTIONS": {"MAX_ENTRIES": 10_000}})


def admit(subject: str, *, everywhere: bool = False) -> None:
    """Count one attempt and let it pass, or refuse it. `subject` is what is guessed at, such as an address.

    Raises:
        TooManyAttempts: with the seconds to wait.
    """
    key = _key(subject, everywhere)
    count = _count(key)
    if count <= FREE_ATTEMPTS:
        return
    longest = LONGEST_DELAY_EVERYWHERE if everywhere else LONGEST_DELAY
    delay = min(2 ** min(count - FREE_ATTEMPTS, 10), longest)
    opens = _gate(f"{key}:gate", time.time() + delay, delay)
    if opens is not None:
        raise TooManyAttempts(retry_after=max(1, math.ceil(opens - time.time())))


def ration(subject: str, allowances: tuple[tuple[int, timedelta], ...]) -> None:
    """Count one use of something there is so much of, such as three within a quarter of an hour.

    Raises:
        TooManyAttempts: that much was used; with the seconds until there is more.
    """
    for number, period in allowances:
        seconds = int(period.total_seconds())
        window = int(time.time()) // seconds
        if _count(f"{_key(subject, everywhere=True)}:{seconds}:{window}", seconds) > number:
            raise TooManyAttempts(retry_after=(window + 1) * seconds - int(time.time()))


def forgive(subject: str, *, everywhere: bool = False) -> None:
    """Forget the attempts after a right one."""
    key = _key(subject, everywhere)
    for counter in (cache, _own):
        counter.delete_many([key, f"{key}:gate"])


@contextmanager
def returned_if_busy(subject: str, *, everywhere: bool = False) -> Iterator[None]:
    """Give an attempt back whose password could not be looked at for want of a free core: it was no guess."""
    try:
        yield
    except HashingBusy:
        for counter in (cache, _own):
            with suppress(ValueError):
                counter.decr(_key(subject, everywhere))
        raise


def _count(key: str, seconds: int = REMEMBERED) -> int:
    for counter in (cache, _own):  # one's own where the cache is lost: it takes nothing and knows nothing
        if counter.add(key, 1, seconds):
            return 1
        with suppress(ValueError):
            return counter.incr(key)
    return 1  # it ran out between the two


def _gate(key: str, opens: float, delay: int) -> float | None:
    """Pass a gate and shut it, or say when it opens. `add` is atomic, so of many at once one passes."""
    for counter in (cache, _own):
        if counter.add(key, opens, delay):
            return None
        shut_until: float | None = counter.get(key)
        if shut_until is not None:
            return shut_until
    return opens


def _key(subject: str, everywhere: bool) -> str:
    network = "everywhere" if everywhere else _network(context.current().client_ip)
    return f"attempts:{peppered('attempts', f'{subject} {network}').hex()[:32]}"


def _network(client_ip: str) -> str:
    """One IPv4 address, or the /64 that one IPv6 subscriber has to himself."""
    try:
        address = ipaddress.ip_address(client_ip)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
