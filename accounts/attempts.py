"""Slowing down whoever guesses passwords: after a few tries, one per growing interval, never a lock-out.

Counted per address and network, so that nobody can keep an owner out from elsewhere. Not here: the limits of
requests per client (`core/http`), which stand before this.
"""

import ipaddress
import math
import time

from django.core.cache import cache

from accounts.digests import peppered
from accounts.errors import TooManyAttempts
from core import context

FREE_ATTEMPTS = 5
LONGEST_DELAY = 60  # seconds
REMEMBERED = 3600  # seconds


def admit(address: str) -> None:
    """Count one attempt and let it pass, or refuse it.

    Raises:
        TooManyAttempts: with the seconds to wait.
    """
    key = _key(address)
    count = _count(key)
    if count <= FREE_ATTEMPTS:
        return
    delay = min(2 ** min(count - FREE_ATTEMPTS, 10), LONGEST_DELAY)
    # `add` is atomic, so of many parallel guesses one passes in each interval.
    if not cache.add(f"{key}:gate", time.time() + delay, delay):
        opens = cache.get(f"{key}:gate", 0.0)
        raise TooManyAttempts(retry_after=max(1, math.ceil(opens - time.time())))


def forgive(address: str) -> None:
    """Forget the attempts after a right password."""
    key = _key(address)
    cache.delete_many([key, f"{key}:gate"])


def _count(key: str) -> int:
    cache.add(key, 0, REMEMBERED)
    try:
        return cache.incr(key)
    except ValueError:  # the cache is away; the limits of requests still stand
        return 0


def _key(address: str) -> str:
    return f"attempts:{peppered('attempts', f'{address} {_network(context.current().client_ip)}').hex()[:32]}"


def _network(client_ip: str) -> str:
    """One IPv4 address, or the /64 that one IPv6 subscriber has to himself."""
    try:
        address = ipaddress.ip_address(client_ip)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
