"""A whole call has one deadline, whatever it waits for: a name, a connection, or one byte after another.

The library's own timeouts start anew with every read, so a peer that sends a byte a second could hold a thread
for as long as it likes.
"""

import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

import httpcore

T = TypeVar("T")

_deadline: ContextVar[float] = ContextVar("deadline")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything that is done in this block by `DeadlineBackend` ends in time, or raises a timeout."""
    token = _deadline.set(monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining() -> float:
    """Seconds left.

    Raises:
        httpcore.ReadTimeout: none are.
    """
    left = _deadline.get() - monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("The call took too long.")
    return left


class DeadlineBackend(httpcore.SyncBackend):
    """Connects to the first that answers of the addresses that `lookup` finds; its streams keep the deadline."""

    def __init__(self, lookup: Callable[[str, int], list[str]]) -> None:
        self._lookup = lookup

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        *others, last = in_time(lambda: self._lookup(host, port))
        for address in others:
            with suppress(httpcore.ConnectError):
                return DeadlineStream(super().connect_tcp(address, port, remaining(), local_address))
        return DeadlineStream(super().connect_tcp(last, port, remaining(), local_address))


class DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, remaining()))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def in_time(look_up: Callable[[], T]) -> T:
    """Look a name up in a thread of its own, as the system's resolver knows no timeout.

    Raises:
        httpcore.TimeoutException: the deadline passes first.
        Exception: whatever `look_up` raises.
    """
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(look_up())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(remaining())
    if errors:
        raise errors[0]
    if not results:
        raise httpcore.ConnectTimeout("The name was not resolved in time.")
    return results[0]
