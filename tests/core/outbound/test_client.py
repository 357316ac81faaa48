"""Calls to providers: bounded in time and size, counted, traced, and given up on while the peer is away."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import REGISTRY
from pytest_django import Settings

from core import context
from core.outbound import AnswerTooLarge, Unreachable, call_provider, client
from core.outbound.breaker import FAILURES
from tests.fakes.https import HttpsServer, Reply


def calls(outcome: str) -> float:
    labels = {"surface": "system", "peer": "test", "outcome": outcome}
    return REGISTRY.get_sample_value("gigvora_outbound_request_duration_seconds_count", labels) or 0.0


def test_call__answered__returns_status_headers_and_body(peer: HttpsServer) -> None:
    before = calls("2xx")

    with context.scope(context.Context(trace_id="a" * 32)):
        answer = call_provider("POST", f"{peer.url}/echo", peer="test", query={"a": "1"}, form={"b": "2"})

    assert answer.is_success
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"method": "POST", "query": {"a": "1"}, "form": {"b": "2"}}
    sent = peer.requests[0].headers
    assert sent["traceparent"].split("-")[1] == "a" * 32
    assert sent["user-agent"].startswith("Gigvora/")
    assert calls("2xx") == before + 1


def test_call__many_in_a_row__share_a_connection(peer: HttpsServer) -> None:
    for _ in range(5):
        assert call_provider("GET", f"{peer.url}/echo", peer="test").is_success

    assert (len(peer.requests), peer.connections) == (5, 1)


def test_call__twenty_threads_at_once__each_get_their_own_answer(peer: HttpsServer) -> None:
    def ask(number: int) -> str:
        return str(call_provider("GET", f"{peer.url}/echo", peer="test", query={"n": str(number)}).json()["query"]["n"])

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(ask, range(100))) == [str(number) for number in range(100)]


def test_call__redirect__is_not_followed(peer: HttpsServer) -> None:
    peer.fault = Reply(302, headers={"Location": f"{peer.url}/elsewhere"})

    answer = call_provider("GET", f"{peer.url}/echo", peer="test")

    assert (answer.status, answer.is_success) == (302, False)
    assert peer.calls("/elsewhere") == []


def test_call__proxies_of_the_environment__are_not_used(peer: HttpsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    client._providers.cache_clear()

    assert call_provider("GET", f"{peer.url}/echo", peer="test").is_success


def test_call__authority_unknown__is_unreachable(peer: HttpsServer, settings: Settings) -> None:
    settings.OUTBOUND_CA_FILE = ""

    with pytest.raises(Unreachable):
        call_provider("GET", f"{peer.url}/echo", peer="test")

    assert peer.requests == []


@pytest.mark.parametrize("misbehaviour", ["hang", "drip"])
def test_call__peer_too_slow__ends_at_the_deadline(peer: HttpsServer, misbehaviour: str) -> None:
    # a byte now and then must not hold the thread either
    setattr(peer, misbehaviour, {"hang": 30.0, "drip": 0.05}[misbehaviour])
    peer.fault = Reply(200, b"x" * 1000)
    before, began = calls("timeout"), time.monotonic()

    with pytest.raises(Unreachable) as refused:
        call_provider("GET", f"{peer.url}/echo", peer="test", timeout=0.5)

    assert time.monotonic() - began < 1.5
    assert refused.value.retry_after == 1
    assert calls("timeout") == before + 1


def test_call__name_that_does_not_resolve_in_time__ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *arguments, **options: time.sleep(2))
    began = time.monotonic()

    with pytest.raises(Unreachable):
        call_provider("GET", "https://black-hole.example", peer="test", timeout=0.2)

    assert time.monotonic() - began < 1.5


def test_call__answer_too_large__is_not_read(peer: HttpsServer) -> None:
    peer.fault = Reply(200, b"x" * (client.ANSWER_LIMIT + 1))

    with pytest.raises(AnswerTooLarge):
        call_provider("GET", f"{peer.url}/echo", peer="test")


def test_call__compressed_though_not_asked_for__is_not_unpacked(peer: HttpsServer) -> None:
    peer.fault = Reply(200, b"\x1f\x8b", {"Content-Encoding": "gzip"})

    with pytest.raises(AnswerTooLarge):
        call_provider("GET", f"{peer.url}/echo", peer="test")


@pytest.mark.parametrize("body", [b"", b"[1]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_json__no_object__is_empty(peer: HttpsServer, body: bytes) -> None:
    peer.fault = Reply(200, body)

    assert call_provider("GET", f"{peer.url}/echo", peer="test").json() == {}


def test_breaker__peer_keeps_failing__is_left_alone_and_tried_again(
    peer: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.fault = Reply(503)
    for _ in range(FAILURES):
        assert call_provider("GET", f"{peer.url}/echo", peer="test").status == 503
    peer.recover()
    before = calls("breaker")

    with pytest.raises(Unreachable) as refused:
        call_provider("GET", f"{peer.url}/echo", peer="test")

    assert refused.value.retry_after == 10
    assert len(peer.requests) == FAILURES
    assert calls("breaker") == before + 1
    later = time.monotonic() + 11
    monkeypatch.setattr("core.outbound.breaker.monotonic", lambda: later)
    assert call_provider("GET", f"{peer.url}/echo", peer="test").is_success
    assert call_provider("GET", f"{peer.url}/echo", peer="test").is_success


def test_breaker__peer_has_just_failed__is_called_by_one_at_a_time(peer: HttpsServer) -> None:
    peer.fault = Reply(500)
    call_provider("GET", f"{peer.url}/echo", peer="test")
    host = f"localhost:{peer.port}"

    assert client.breaker.enter(host) == 0
    with pytest.raises(Unreachable) as refused:
        call_provider("GET", f"{peer.url}/echo", peer="test")
    client.breaker.leave(host, has_failed=False)

    assert refused.value.retry_after == 1
    assert len(peer.requests) == 1
    peer.recover()
    assert call_provider("GET", f"{peer.url}/echo", peer="test").is_success


def test_breaker__many_peers__forgets_the_oldest() -> None:
    for number in range(1500):
        client.breaker.leave(f"peer-{number}", has_failed=True)

    assert len(client.breaker._suspects) == 1000
