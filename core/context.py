"""What is known about the work in progress: who, through which channel, under which trace.

Bound once at each edge (request, socket, job) and read by logs, metrics, events and the audit trail,
so that no function has to pass it on. Not here: anything that decides; decisions take a `Principal`.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from time import time
from typing import Any


class Channel(StrEnum):
    """Where work comes from. Derived from the token's audience, never from a free header."""

    WEB = "web"
    ANDROID = "mobile-android"
    IOS = "mobile-ios"
    ADMIN = "admin"
    SYSTEM = "system"

    @property
    def surface(self) -> str:
        """The `surface` label of metrics: `web`, `mobile`, `admin` or `system`."""
        return self.value.partition("-")[0]

    @property
    def is_mobile(self) -> bool:
        return self in {Channel.ANDROID, Channel.IOS}


def new_trace_id() -> str:
    """A W3C trace id: 16 random bytes in hex."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Context:
    channel: Channel = Channel.SYSTEM
    trace_id: str = field(default_factory=new_trace_id)
    user_id: str = ""
    session_id: str = ""
    device_id: str = ""
    client_ip: str = ""
    user_agent: str = ""
    began_at: float = field(default_factory=time)  # seconds since 1970


_current: ContextVar[Context | None] = ContextVar("context", default=None)


def current() -> Context:
    """The context of the running request or job; a fresh system context outside of both."""
    context = _current.get()
    if context is None:
        context = Context()
        _current.set(context)
    return context


def bind(**changes: Any) -> Context:
    """Replace some of what is known for the rest of this request or job."""
    context = replace(current(), **changes)
    _current.set(context)
    return context


@contextmanager
def scope(context: Context) -> Iterator[Context]:
    """Run a block under `context` and restore the former one afterwards."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
