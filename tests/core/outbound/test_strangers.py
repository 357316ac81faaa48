"""Addresses that users give us (abuse case 53): the public internet alone, by whatever way they are spelt."""

import ipaddress
import socket
from typing import Any

import pytest
from pytest_django import Settings

from core.outbound import UrlNotAllowed, call_stranger, check_url
from core.outbound.addresses import is_public
from tests.fakes.https import HttpsServer, Reply

PUBLIC = "93.184.216.34"

TRICKS = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://168.63.129.16/",
    "http://100.100.100.200/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:a00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:7f00:1::]/",
    "http://[::127.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://0.0.0.0/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "ftp://example.com/",
    "//example.com/",
    "example.com",
    "http:///path",
    "http://user@example.com/",
    "http://user:secret@example.com/",
    "http://example.com@127.0.0.1/",
    "http://127.0.0.1#@example.com/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com:22/",
    "http://example.com:443/",
    "https://example.com:80/",
    "https://example.com:99999/",
    "http://127\u30020\u30020\u30021/",
    "http://\u2460\u2461\u2466.0.0.1/",
    "http://ex\u00e4mple.com/",
    "http://example.com\r\nHost: evil/",
    "http://example.com /",
    "http://exa\0mple.com/",
    "http://-example.com/",
    "http://example..com/",
    "http://example.com./",
    "https://[v1.ab]/x",
    "https://[v1.example.com]/",
    "https://[example.com]/",
    "https://[93.184.216.34]/",
    "https://[2606:4700::6810:84e5/",
    "https://2606:4700::6810:84e5/",
    "https://[2606:4700::6810:84e5]example.com/",
    "https://example.com[2606:4700::6810:84e5]/",
    "https://[]/",
    f"http://{'a' * 64}.com/",
    f"http://example.com/{'a' * 2100}",
]


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What each name resolves to, one list for each look-up; the last one stays."""
    names: dict[str, list[list[str]]] = {"example.com": [[PUBLIC]]}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        if host not in names:
            return real(host, port, *arguments, **options)
        answers = names[host].pop(0) if len(names[host]) > 1 else names[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port)) for answer in answers]

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    return names


@pytest.fixture
def connected(peer: HttpsServer, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections are made to; those to the public address end at the peer instead."""
    made: list[tuple[str, int]] = []
    real = socket.create_connection

    def create_connection(address: tuple[str, int], *arguments: Any, **options: Any) -> socket.socket:
        made.append(address)
        return real(("127.0.0.1", peer.port) if address[0] == PUBLIC else address, *arguments, **options)

    monkeypatch.setattr("socket.create_connection", create_connection)
    return made


@pytest.mark.parametrize("url", TRICKS)
@pytest.mark.usefixtures("resolving")
def test_row_53__address_with_a_trick__is_refused_and_nothing_is_sent(
    url: str, connected: list[tuple[str, int]]
) -> None:
    with pytest.raises(UrlNotAllowed) as refused:
        check_url(url)
    with pytest.raises(UrlNotAllowed):
        call_stranger("POST", url, peer="test", body=b"{}")

    assert (refused.value.status, refused.value.code) == (422, "url_not_allowed")
    assert connected == []


def test_row_53__name_of_a_private_address__is_refused(
    resolving: dict[str, list[list[str]]], connected: list[tuple[str, int]]
) -> None:
    resolving["inside.example.com"] = [["10.1.2.3"]]
    resolving["both.example.com"] = [[PUBLIC, "127.0.0.1"]]

    for name in ("inside", "both"):
        with pytest.raises(UrlNotAllowed):
            check_url(f"https://{name}.example.com/")
        with pytest.raises(UrlNotAllowed):
            call_stranger("POST", f"https://{name}.example.com/", peer="test")

    assert connected == []


def test_row_53__name_that_changes_its_mind__is_looked_up_once(
    peer: HttpsServer, resolving: dict[str, list[list[str]]], connected: list[tuple[str, int]]
) -> None:
    # DNS rebinding: public when it is checked, private when it is connected to
    resolving["hooks.example.com"] = [[PUBLIC], ["127.0.0.1"]]

    answer = call_stranger("GET", "https://hooks.example.com/echo", peer="test")

    assert answer.is_success  # and its certificate is that of the name, not of the address
    assert connected == [(PUBLIC, 443)]
    assert resolving["hooks.example.com"] == [["127.0.0.1"]]


def test_row_53__name_refused__is_no_failure_of_the_peer(
    peer: HttpsServer, resolving: dict[str, list[list[str]]], connected: list[tuple[str, int]]
) -> None:
    resolving["hooks.example.com"] = [["10.1.2.3"]]
    for _ in range(5):
        with pytest.raises(UrlNotAllowed):
            call_stranger("GET", "https://hooks.example.com/echo", peer="test")
    resolving["hooks.example.com"] = [[PUBLIC]]

    assert call_stranger("GET", "https://hooks.example.com/echo", peer="test").is_success
    assert connected == [(PUBLIC, 443)]


def test_row_53__redirect_to_metadata__is_not_followed(
    peer: HttpsServer, resolving: dict[str, list[list[str]]], connected: list[tuple[str, int]]
) -> None:
    resolving["hooks.example.com"] = [[PUBLIC]]
    peer.fault = Reply(302, headers={"Location": "http://169.254.169.254/"})

    assert call_stranger("POST", "https://hooks.example.com/echo", peer="test").status == 302
    assert {address for address, _ in connected} <= {PUBLIC}


@pytest.mark.usefixtures("resolving")
def test_check__plain_addresses__pass() -> None:
    for url in (
        "https://example.com/hook?x=1",
        "http://example.com:80/",
        "https://xn--exmple-cua.com/",
        f"http://{PUBLIC}/",
        "https://[2606:4700::6810:84e5]/",
        "https://[2606:4700::6810:84E5]:443/",
        "https://EXAMPLE.com:443",
    ):
        check_url(url)


def test_stranger__host_that_the_operator_named__may_be_private(peer: HttpsServer, settings: Settings) -> None:
    settings.OUTBOUND_PRIVATE_HOSTS = frozenset({f"localhost:{peer.port}"})

    check_url(f"{peer.url}/echo")
    assert call_stranger("POST", f"{peer.url}/echo", peer="test", body=b"{}").is_success


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::6810:84e5", "2a00:1450:4001:830::200e"])
def test_public__ordinary_address__is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
