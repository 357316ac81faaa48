"""The API's process: neither slow readers nor people who sign in keep anybody waiting."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.live.server import LiveServer, serve

pytestmark = pytest.mark.xdist_group("live")
PASSWORD = "correct horse battery staple"
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
