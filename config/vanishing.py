"""Phones that vanish: in a tunnel, out of power, without a word. What they held must come free again.

By itself Linux waits for ever for the rest of a body, and a quarter of an hour for somebody who takes nothing more.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

SILENCE = 120  # seconds; long enough for a tunnel
PROBES = 6


@cache
def give_up_on_vanished() -> None:
    """End connections on whose other side nobody has been, or has taken anything, for so long.

    What is set on a listening socket holds for the connections that it accepts from then on, so once is enough. The
    server keeps its socket to itself, and opens it late: at the first request it is found among the open files.
    """
    with suppress(OSError):  # a system that lists no open files, or a connection that just ends
        listening = {
            each.getsockname()[1] for each in _sockets() if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        }
        for each in _sockets():
            if each.getsockname()[1] in listening:
                _limit_silence(each)


def _sockets() -> Iterator[socket.socket]:
    """Those over TCP that this process has open, and keeps open."""
    for number in map(int, os.listdir("/dev/fd")):
        with suppress(OSError):  # no socket
            found = socket.socket(fileno=number)
            try:
                if found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM:
                    yield found
            finally:
                found.detach()


def _limit_silence(connection: socket.socket) -> None:
    pause = SILENCE // (PROBES + 2)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", SILENCE - PROBES * pause),
        ("TCP_KEEPINTVL", pause),
        ("TCP_KEEPCNT", PROBES),
        ("TCP_USER_TIMEOUT", SILENCE * 1000),  # RFC 5482; milliseconds
    ):
        if hasattr(socket, name):  # on Linux, all of them
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
