"""The home screens of many people, one after the other: composed, and then held."""

import time
from collections.abc import Callable
from http.client import HTTPConnection
from statistics import median

from bench.figures import Homes
from bench.load import LoadFailed, Request
from bench.peers.ours import home, me
from bench.run import Stand
from bench.servers import HOST


def measure(stand: Stand, empty_caches: Callable[[], None]) -> Homes:
    """Ask with caches that know of people's sessions alone, then again."""
    connection = HTTPConnection(HOST, stand.server.port, timeout=10)
    requests = [home(caller) for caller in stand.callers]
    empty_caches()
    for caller in stand.callers:
        _timed(connection, me(caller))
    misses = [_timed(connection, request, "miss") for request in requests]
    hits = [_timed(connection, request, "hit") for request in requests]
    connection.close()
    return Homes(median(misses), median(hits))


def _timed(connection: HTTPConnection, request: Request, expected: str | None = None) -> float:
    """Milliseconds until the answer is read.

    Raises:
        LoadFailed: it did not come from where it should have.
    """
    begun = time.perf_counter()
    connection.request(request.method, request.path, headers=dict(request.headers))
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - begun) * 1000
    if answer.status != 200 or answer.headers["X-Cache"] != expected:
        raise LoadFailed(f"{request.path} answers {answer.status}, {answer.headers['X-Cache']}, not a {expected}")
    return took
