"""Calling out: one pool of connections for providers, one for strangers, made at the first call.

Requests go to the transport itself. The library's client would keep the cookies that one peer sets and send them with
the calls of others, and reads redirects that it is not to follow, which a peer can spell so that it fails.

The libraries take a quarter of a second to import, which a process that calls nobody does not pay.
"""

import json as jsonlib
import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.conf import settings
from prometheus_client import Histogram

from core import context
from core.errors import Unavailable
from core.outbound import addresses
from core.outbound.breaker import Breaker

if TYPE_CHECKING:
    import httpx

TIMEOUT = 3.0  # seconds, from the look-up of the name to the last byte
ANSWER_LIMIT = 262_144  # bytes
STRANGERS_ANSWER_LIMIT = 65_536

SECONDS = Histogram(
    "gigvora_outbound_request_duration_seconds",
    "Calls to others, by whom and how they ended; `breaker` was not sent.",
    ("surface", "peer", "outcome"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 30.0),
)

breaker = Breaker()


class Unreachable(Unavailable):
    """The peer did not answer in time, or is left alone because it has not for a while."""

    code = "provider_unavailable"
    detail = "A service that we depend on does not answer. Try again shortly."


class LeftAlone(Unreachable):
    """Nothing was sent, because the peer has just failed others."""


class AnswerTooLarge(Unreachable):
    detail = "A service that we depend on answered with more than we read."


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The body as an object; empty where it is none, so that whoever looks for a value misses it."""
        try:
            document = jsonlib.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}


def call_provider(
    method: str,
    url: str,
    *,
    peer: str,
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    json: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Answer:
    """Call an address that comes from settings. `peer` names it in metrics.

    Raises:
        Unreachable: no whole answer in time.
    """
    call = _Call(method, url, peer=peer, timeout=timeout, limit=ANSWER_LIMIT)
    return call.send(_providers(settings.OUTBOUND_CA_FILE), headers=headers, params=query, data=form, json=json)


def call_stranger(
    method: str,
    url: str,
    *,
    peer: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Answer:
    """Call an address that a user gave us, on the public internet alone. `peer` says in metrics what for.

    Raises:
        UrlNotAllowed: the address leads elsewhere; nothing was sent.
        Unreachable: no whole answer in time.
    """
    addresses.parts_of(url)
    call = _Call(method, url, peer=peer, timeout=timeout, limit=STRANGERS_ANSWER_LIMIT)
    return call.send(_strangers(settings.OUTBOUND_CA_FILE), content=body, headers=dict(headers or {}))


class _Call:
    """One call, from the breaker's word to the last byte."""

    def __init__(self, method: str, url: str, *, peer: str, timeout: float, limit: int) -> None:
        self.method, self.url, self.peer, self.timeout, self.limit = method, url, peer, timeout, limit
        self.began = monotonic()

    def send(
        self, transport: "httpx.HTTPTransport", *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> Answer:
        import httpx  # noqa: PLC0415

        request = self._request(headers or {}, content)
        host = request.url.netloc.decode()
        if wait := breaker.enter(host):
            self._count("breaker")
            raise LeftAlone(retry_after=ceil(wait))
        outcome, has_failed = "unreachable", True  # also where the library fails of what the peer has sent
        try:
            answer = self._exchange(transport, request)
            outcome, has_failed = f"{answer.status // 100}xx", answer.status >= 500
            return answer
        except addresses.UrlNotAllowed:
            outcome, has_failed = "refused", False  # by us, after all: its name leads where strangers may not lead
            raise
        except AnswerTooLarge:
            outcome = "too_large"
            raise
        except (httpx.HTTPError, OSError) as error:
            outcome = "timeout" if isinstance(error, httpx.TimeoutException) else "unreachable"
            raise Unreachable from error
        finally:
            breaker.leave(host, has_failed=has_failed)
            self._count(outcome)

    def _request(self, headers: Mapping[str, str], content: Mapping[str, Any]) -> "httpx.Request":
        """Raises: Unreachable, where the library cannot read the address."""
        import httpx  # noqa: PLC0415

        timeouts = httpx.Timeout(self.timeout).as_dict()
        try:
            return httpx.Request(
                self.method, self.url, headers={**_headers(), **headers}, extensions={"timeout": timeouts}, **content
            )
        except httpx.InvalidURL as error:
            self._count("unreachable")
            raise Unreachable from error

    def _exchange(self, transport: "httpx.HTTPTransport", request: "httpx.Request") -> Answer:
        from core.outbound.deadlines import within  # noqa: PLC0415

        with within(self.timeout), closing(transport.handle_request(request)) as response:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise AnswerTooLarge  # not asked for, and who knows what is packed in it
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > self.limit:
                    raise AnswerTooLarge
            return Answer(response.status_code, dict(response.headers), bytes(body))

    def _count(self, outcome: str) -> None:
        surface = context.current().channel.surface
        SECONDS.labels(surface, self.peer, outcome).observe(monotonic() - self.began)


def _headers() -> dict[str, str]:
    """What every request of ours has."""
    return {
        "User-Agent": f"Gigvora/{settings.RELEASE}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "traceparent": f"00-{context.current().trace_id}-{secrets.token_hex(8)}-00",
    }


@cache
def _providers(ca_file: str) -> "httpx.HTTPTransport":
    return _transport(ca_file, addresses.resolve)


@cache
def _strangers(ca_file: str) -> "httpx.HTTPTransport":
    return _transport(ca_file, addresses.public_addresses)


def _transport(ca_file: str, lookup: Callable[[str, int], list[str]]) -> "httpx.HTTPTransport":
    """A thread-safe pool that knows no cookies and no redirects, no proxy and no setting from the environment."""
    import httpcore  # noqa: PLC0415
    import httpx  # noqa: PLC0415

    from core.outbound.deadlines import DeadlineBackend  # noqa: PLC0415

    trust = httpx.create_ssl_context(trust_env=False)
    if ca_file:
        trust.load_verify_locations(ca_file)
    transport = httpx.HTTPTransport(verify=trust, trust_env=False)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=trust,
        max_connections=50,
        max_keepalive_connections=20,
        keepalive_expiry=15,
        network_backend=DeadlineBackend(lookup),
    )
    return transport
