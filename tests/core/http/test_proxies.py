"""What clients claim about themselves counts only when a proxy of ours says it."""

import asyncio
import io
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.test import AsyncClient, Client
from pytest_django import Settings

from core.http.proxies import TrustedProxies

pytestmark = pytest.mark.urls("tests.core.http.urls")

PROXIES = ["10.0.0.0/8", "fd00::/8", "2001:db8::7"]
CLAIMS = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
    "x-forwarded-port": "8443",
    "forwarded": "for=203.0.113.9;host=evil.example;proto=https",
    "x-real-ip": "203.0.113.9",
    "x-remote-user": "admin",
    "remote-user": "admin",
    "x-user-id": "1",
    "x-original-url": "/admin/",
    "x-rewrite-url": "/admin/",
    "x-http-method-override": "DELETE",
}


def echo(peer: str, headers: dict[str, str]) -> Any:
    return Client(REMOTE_ADDR=peer).get("/v1/echo", headers=headers).json()


@pytest.mark.parametrize("proxies", [[], PROXIES])
def test_request__claims_of_a_stranger__removed(settings: Settings, proxies: list[str]) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert echo("198.51.100.1", CLAIMS) == {
        "ip": "198.51.100.1",
        "secure": False,
        "host": "testserver",
        "meta": [],
    }


class NosyMiddleware:
    """Looks at the headers before anybody else does, as tracing may."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        assert request.headers["X-User-Id"] == "1"
        response = self.get_response(request)
        assert "X-User-Id" not in request.headers
        return response


def test_request__headers_looked_at_before__cleaned_all_the_same(settings: Settings) -> None:
    settings.MIDDLEWARE = [f"{__name__}.NosyMiddleware", *settings.MIDDLEWARE]

    assert echo("198.51.100.1", CLAIMS)["meta"] == []


def test_request__through_a_trusted_proxy__client_and_scheme_believed_but_no_identity(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = PROXIES

    answer = echo("10.1.2.3", CLAIMS)

    assert (answer["ip"], answer["secure"]) == ("203.0.113.9", True)
    assert answer["host"] == "testserver:80"
    for name in ("USER", "USER_ID", "URL", "OVERRIDE"):
        assert not [kept for kept in answer["meta"] if kept.endswith(name)]


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [(["127.0.0.1"], ("203.0.113.9", True)), (["10.0.0.0/8"], ("127.0.0.1", False))],
    ids=["proxy", "stranger"],
)
def test_request__under_asgi__cleaned_alike(settings: Settings, proxies: list[str], seen: tuple[str, bool]) -> None:
    settings.TRUSTED_PROXIES = proxies

    answer: Any = asyncio.run(AsyncClient().get("/v1/echo", headers=CLAIMS))

    assert (answer.json()["ip"], answer.json()["secure"]) == seen
    assert "HTTP_X_USER_ID" not in answer.json()["meta"]


@pytest.mark.parametrize(
    ("peer", "hops", "client"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2,10.9.9.9", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.5, 10.0.0.2", "10.0.0.5"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("fd00::1", "2001:DB8:0::1", "2001:db8::1"),
        ("2001:db8::7", "203.0.113.9", "203.0.113.9"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "garbage", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, garbage", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, garbage, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        pytest.param("10.0.0.1", "," * 5000, "10.0.0.1", id="endless"),
        ("", "203.0.113.9", ""),
        ("unix:", "203.0.113.9", "unix:"),
    ],
)
def test_client__is_the_rightmost_hop_that_is_not_ours(peer: str, hops: str, client: str) -> None:
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": hops}

    TrustedProxies(PROXIES).sanitize(meta)

    assert meta["REMOTE_ADDR"] == client


def test_limits__rotating_forwarded_for__count_as_one_client(settings: Settings, buckets: None) -> None:
    left = [
        Client(REMOTE_ADDR="198.51.100.77").get("/v1/echo", headers={"x-forwarded-for": f"203.0.113.{n}"})
        for n in range(3)
    ]

    assert [answer.headers["RateLimit"].split(";")[1] for answer in left] == ["r=1199", "r=1198", "r=1197"]


@pytest.mark.parametrize("host", ["evil.example", "app.gigvora.com.evil.example", "a b", "app.gigvora.com@evil", ""])
def test_host__not_ours__refused(settings: Settings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["app.gigvora.com"]

    answer = Client().get("/v1/echo", headers={"host": host, "x-forwarded-host": "app.gigvora.com"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
    assert answer.json()["detail"] == "This host is not served here."
    assert answer.headers["Vary"] == "Origin, Accept-Encoding"


def test_host__of_a_probe__not_asked_for(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["app.gigvora.com"]

    assert Client().get("/health", headers={"host": "10.2.3.4:8000"}).status_code == 400  # the echo itself asks
    assert Client().get("/v1/echo", headers={"host": "app.gigvora.com"}).status_code == 200


@pytest.mark.parametrize("network", ["nonsense", "10.0.0.0/99"])
def test_proxies__unreadable_network__refused_at_the_start(network: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        TrustedProxies([network])


def test_request__twin_with_underscores__does_not_speak_for_a_proxy_over_asgi() -> None:
    own = [(b"x-forwarded-for", b"203.0.113.9"), (b"x_forwarded_for", b"192.0.2.1")]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": own, "client": ("10.0.0.1", 1)}

    request = ASGIRequest(scope, io.BytesIO())
    TrustedProxies(PROXIES).sanitize(request.META)

    assert request.META["REMOTE_ADDR"] == "203.0.113.9"
