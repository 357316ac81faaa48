"""Peers that answer what no server should: a whole answer, or `Unreachable`, and nothing else comes of it."""

import time
import zlib
from collections.abc import Callable

import pytest
from pytest_django import Settings

from core.outbound import Answer, Unreachable, call_provider, call_stranger, check_url, client
from tests.core.outbound.raw import RawServer
from tests.core.outbound.test_client import calls
from tests.fakes.https import HttpsServer, Reply

OK = b"HTTP/1.1 200 OK\r\n"
BOMB = zlib.compress(b"\0" * 5_000_000, wbits=31)

BROKEN = {
    "nothing": b"",
    "no HTTP": b"\x16\x03\x01\x02\0\x01\0",
    "no number": b"HTTP/1.1 abc OK\r\n\r\n",
    "status too low": b"HTTP/1.1 000 OK\r\n\r\n",
    "status too long": b"HTTP/1.1 20000 OK\r\n\r\n",
    "protocol switched": b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    "nothing after 100": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
    "endless status line": b"HTTP/1.1 200 " + b"x" * 200_000,
    "endless header": OK + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
    "endless headers": OK + b"X: x\r\n" * 40_000 + b"\r\n",
    "header without a name": OK + b": x\r\n\r\n",
    "header without a colon": OK + b"x\r\n\r\n",
    "header with a zero byte": OK + b"X: \0\r\n\r\n",
    "length that is none": OK + b"Content-Length: many\r\n\r\n",
    "length below zero": OK + b"Content-Length: -1\r\n\r\n",
    "two lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length without end": OK + b"Content-Length: " + b"9" * 50 + b"\r\n\r\nab",
    "length beyond the body": OK + b"Content-Length: 9\r\n\r\nab",
    "unknown coding": OK + b"Transfer-Encoding: gzip\r\n\r\nab",
    "chunk that is none": OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nab\r\n",
    "chunk without end": OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 100 + b"\r\nab\r\n",
    "bomb": OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB,
    "broken gzip": OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab",
    "unknown encoding": OK + b"Content-Encoding: \xff\xfe, nonsense\r\nContent-Length: 2\r\n\r\nab",
}
ODD = {
    "status beyond": b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nab",
    "no end but the connection's": OK + b"\r\nab",
    "bytes in a header": OK + b"X: \xff\xfe\xf0\r\nContent-Length: 2\r\n\r\nab",
    "bytes in a reason": b"HTTP/1.1 200 \xff\xfe\r\nContent-Length: 2\r\n\r\nab",
    "unknown charset": OK + b"Content-Type: text/x; charset=\xff; charset=rot13\r\nContent-Length: 2\r\n\r\nab",
    "cookie that is none": OK + b"Set-Cookie: =;=;\xff; expires=" + b" 1" * 9000 + b"\r\nContent-Length: 2\r\n\r\nab",
    "more than one answer": OK + b"Content-Length: 2\r\n\r\nab" + OK + b"\r\n",
}
LOCATIONS = [
    b"https://xn--a/",
    b"//xn--zzzzzz/",
    b"https://[v1.ab]/",
    b"https://a:b/",
    b"\xff\xfe",
    b"https:",
    b"http://" + b"a" * 70_000,
]


def stranger(server: RawServer, settings: Settings) -> Answer:
    settings.OUTBOUND_PRIVATE_HOSTS = frozenset({f"localhost:{server.port}"})
    return call_stranger("POST", server.url, peer="test", body=b"{}", timeout=2.0)


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_call__answer_is_broken__is_unreachable_and_counts_as_a_failure(answer: bytes, settings: Settings) -> None:
    with RawServer(answer) as server:
        with pytest.raises(Unreachable):
            stranger(server, settings)
        assert client.breaker._suspects[f"localhost:{server.port}"].failures == 1


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD.keys())
def test_call__answer_is_odd__is_read(answer: bytes, settings: Settings) -> None:
    with RawServer(answer) as server:
        assert stranger(server, settings).body == b"ab"


@pytest.mark.parametrize("location", LOCATIONS)
def test_call__redirect_that_nobody_can_read__is_an_answer_like_others(location: bytes, settings: Settings) -> None:
    with RawServer(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n") as server:
        assert stranger(server, settings).status == 302


@pytest.mark.parametrize("call", [call_provider, call_stranger])
def test_call__peer_sets_cookies__they_are_neither_kept_nor_sent(
    peer: HttpsServer, settings: Settings, call: Callable[..., Answer]
) -> None:
    settings.OUTBOUND_PRIVATE_HOSTS = frozenset({f"localhost:{peer.port}"})
    peer.fault = Reply(200, headers={"Set-Cookie": "tenant=one; Path=/; Secure; Max-Age=3600"})

    assert call("POST", f"{peer.url}/echo", peer="test").headers["set-cookie"].startswith("tenant=one")
    for _ in range(2):
        call("POST", f"{peer.url}/echo", peer="test")

    assert peer.connections == 1  # even on the same connection
    assert [request.headers.get("cookie") for request in peer.requests] == [None] * 3


def test_call__library_fails_of_an_answer__is_a_failure_of_the_peer(
    peer: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("httpx.Response.iter_raw", lambda response: 1 // 0)
    before = calls("unreachable")

    with pytest.raises(ZeroDivisionError):
        call_provider("GET", f"{peer.url}/echo", peer="test")

    assert calls("unreachable") == before + 1
    assert client.breaker._suspects[f"localhost:{peer.port}"].failures == 1


@pytest.mark.parametrize("url", ["https://[v1.ab]/", "https://example.com:port/", "https://999.1.1.1/"])
def test_call__address_in_settings_is_broken__is_unreachable(url: str) -> None:
    with pytest.raises(Unreachable):
        call_provider("GET", url, peer="test")


def test_check__name_server_keeps_us_waiting__passes_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *arguments, **options: time.sleep(2))
    monkeypatch.setattr("core.outbound.addresses.LOOK_UP", 0.1)
    began = time.monotonic()

    check_url("https://slow.example.com/")

    assert time.monotonic() - began < 1.5
