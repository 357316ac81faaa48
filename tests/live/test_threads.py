"""The API's process: neither slow readers and senders nor people who sign in keep anybody waiting."""

import json
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.live.server import LiveServer, serve

pytestmark = pytest.mark.xdist_group("live")
PASSWORD = "correct horse battery staple"
JSON = {"Content-Type": "application/json"}
LARGE = "/docs/swagger-ui-bundle.js"  # a stream; twenty are more than a connection holds for who does not read


def _slow_reader(server: LiveServer) -> socket.socket:
    address = urlsplit(server.url)
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect((address.hostname, address.port))
    reader.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode() * 20)
    assert reader.recv(12) == b"HTTP/1.1 200"
    return reader


def test_web__slow_readers_and_a_crowd_at_the_door__serves_everybody(tmp_path: Path) -> None:
    with (
        serve(tmp_path, "web", WEB_CONCURRENCY="1", RATE_LIMIT_SCALE="0") as server,
        httpx.Client(base_url=server.url, timeout=10) as client,
    ):
        readers = [_slow_reader(server) for _ in range(4)]
        people = [{"email": f"{number}@example.com", "password": PASSWORD} for number in range(8)]

        with ThreadPoolExecutor(len(people)) as crowd:
            registered = list(crowd.map(lambda person: client.post("/v1/auth/register", json=person), people))
            signed_in = list(crowd.map(lambda person: client.post("/v1/auth/login", json=person), people))

        assert {answer.status_code for answer in registered} == {201}
        assert {answer.status_code for answer in signed_in} == {200}
        mine = {"Authorization": f"Bearer {signed_in[0].json()['access_token']}"}
        assert client.get("/v1/auth/me", headers=mine).json()["email"] == "0@example.com"
        for reader in readers:
            reader.close()


def _login(number: int) -> bytes:
    return json.dumps({"email": f"{number}@example.com", "password": PASSWORD}).encode()


@contextmanager
def _slow_senders(server: LiveServer, bodies: list[bytes]) -> Iterator[list[socket.socket]]:
    """Lines on which the first byte of a body has come, and no more."""
    address = urlsplit(server.url)
    with ExitStack() as stack:
        senders = []
        for body in bodies:
            sender = stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=10))
            head = f"POST /v1/auth/login HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
            sender.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body[:1])
            senders.append(sender)
        yield senders


def _answered(sender: socket.socket) -> int:
    response = HTTPResponse(sender)
    response.begin()
    response.read()
    return response.status


def test_web__slow_senders__serves_everybody_and_them_in_the_end(tmp_path: Path) -> None:
    with (
        serve(tmp_path, "web", WEB_CONCURRENCY="1", RATE_LIMIT_SCALE="0") as server,
        httpx.Client(base_url=server.url, timeout=10) as client,
    ):
        bodies = [_login(number) + b" " * (100_000 if number % 2 else 0) for number in range(16)]
        with _slow_senders(server, bodies) as senders:
            for _ in range(5):
                assert client.get("/health").status_code == 200
                assert client.post("/v1/auth/login", content=_login(99), headers=JSON).status_code == 401

            for sender, body in zip(senders, bodies, strict=True):
                sender.sendall(body[1:])
            assert [_answered(sender) for sender in senders] == [401] * 16
            for sender in senders:  # whose lines are still of use
                sender.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert [_answered(sender) for sender in senders] == [200] * 16


def test_web__a_hundred_bodies_that_do_not_come__serves_everybody(tmp_path: Path) -> None:
    with (
        serve(tmp_path, "web", WEB_CONCURRENCY="1", RATE_LIMIT_SCALE="0") as server,
        httpx.Client(base_url=server.url, timeout=10) as client,
        _slow_senders(server, [_login(0)] * 100),
    ):
        assert client.get("/health").status_code == 200
        assert client.post("/v1/auth/login", content=_login(99), headers=JSON).status_code == 401


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells which connections are watched.")
def test_web__bodies_of_phones_that_may_have_vanished__are_waited_for_with_a_limit(tmp_path: Path) -> None:
    with (
        serve(tmp_path, "web", WEB_CONCURRENCY="1") as server,
        _slow_senders(server, [_login(0)] * 3),
    ):
        assert _watched(server) == 3


def _watched(server: LiveServer) -> int:
    """How many of the connections that are open have a timer by which the other side is asked for a sign of life."""
    connections = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    own = f":{urlsplit(server.url).port:04X}"
    keepalive = "02:"
    return sum(each[1].endswith(own) and each[3] == "01" and each[5].startswith(keepalive) for each in connections)
