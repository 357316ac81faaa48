"""Connections of phones that have vanished end by themselves."""

import socket
import sys
from collections.abc import Iterator

import pytest

from config.vanishing import SILENCE, give_up_on_vanished


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def silence(connection: socket.socket) -> tuple[int, int, int]:
    """Whether somebody is asked for a sign of life, and the seconds until nobody answers or takes anything."""
    idle, pause, probes = (
        connection.getsockopt(socket.IPPROTO_TCP, option)
        for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    )
    is_asked = connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    untaken = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) // 1000
    return is_asked, idle + pause * probes, untaken


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere connections do not inherit all of it.")
def test_connections__there_before_and_come_since__end_after_the_silence(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()), listener.accept()[0] as before:
        give_up_on_vanished.__wrapped__()
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as since:
            assert silence(before) == silence(since) == (1, SILENCE, SILENCE)
            assert silence(client)[0] == 0, "what this process asks of others is none of its business"


def test_listener__searched_for__stays_open(listener: socket.socket) -> None:
    give_up_on_vanished.__wrapped__()
    with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as accepted:
        client.sendall(b"!")
        assert accepted.recv(1) == b"!"
