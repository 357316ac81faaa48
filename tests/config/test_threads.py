"""Who answers whom: nothing that waits may keep one of the two threads of the API."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest

from config import threads
from config.wsgi import SMALL_BODY, may_wait
from core.lanes import LANES, lanes

TIMEOUT = 5


class Protocol:
    """granian's side: it keeps what it was given, and the name of the thread that gave it."""

    def __init__(self) -> None:
        self.given: tuple[str, Any] = ("", None)
        self.is_answered = threading.Event()

    def response_bytes(self, status: int, headers: list[Any], body: bytes) -> None:
        self._take((status, body))

    def response_iter(self, status: int, headers: list[Any], body: Any) -> None:
        self._take((status, b"".join(body)))

    def _take(self, answer: Any) -> None:
        self.given = (threading.current_thread().name.partition("_")[0], answer)
        self.is_answered.set()


def asked(path: str, method: str = "GET", body: bytes = b"", *, source: Any = None, **more: Any) -> dict[str, Any]:
    sent = {"CONTENT_LENGTH": str(len(body))} if body else {}
    line = {"SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": method, "PATH_INFO": path}
    return {**line, "wsgi.input": source or BytesIO(body), **sent, **more}


def answered(answer: Callable[..., Any], scope: dict[str, Any]) -> tuple[str, Any]:
    protocol = Protocol()
    threads.handing_over(lambda: answer)(protocol, scope)
    assert protocol.is_answered.wait(TIMEOUT)
    return protocol.given


def _echo(protocol: Any, scope: dict[str, Any]) -> None:
    protocol.response_bytes(200, [], scope["wsgi.input"].read())


def _stream(protocol: Any, scope: dict[str, Any]) -> None:
    protocol.response_iter(200, [], iter([b"a", b"b"]))


def test_request__of_the_usual_kind__is_answered_where_it_came() -> None:
    assert answered(_echo, asked("/v1/calendar/events", "POST", b"{}")) == ("MainThread", (200, b"{}"))


def test_request__that_may_wait_for_a_hash__is_answered_elsewhere_with_its_body() -> None:
    assert answered(_echo, asked("/v1/auth/login", "POST", b"{}")) == ("patient", (200, b"{}"))


def test_stream__of_any_request__is_sent_by_others() -> None:
    assert answered(_stream, asked("/v1/privacy/exports/1/download")) == ("sender", (200, b"ab"))
    assert answered(_stream, asked("/v1/auth/login", "POST", b"{}")) == ("sender", (200, b"ab"))


def test_request__fails_out_of_sight__is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failed = threading.Event()

    def fail(protocol: Any, scope: dict[str, Any]) -> None:
        failed.set()
        raise SystemExit

    with caplog.at_level(logging.ERROR):
        run = threads.handing_over(lambda: fail)
        run(Protocol(), asked("/v1/auth/login", "POST", b"{}"))
        assert failed.wait(TIMEOUT)
        for _ in range(1000):
            if caplog.records:
                break
            threading.Event().wait(0.005)

    assert [record.message for record in caplog.records] == ["A request failed outside of Django"]


def test_request__cut_short_in_a_small_body__never_reaches_the_application() -> None:
    scope = asked("/v1/auth/reset-password/token", "POST", b"new_password=x", CONTENT_LENGTH="20")

    assert answered(_echo, scope) == ("MainThread", (400, b""))


def test_request__cut_short_in_a_large_body__fails_to_read_its_end() -> None:
    scope = asked("/v1/calendar/import", "POST", b"x" * SMALL_BODY, CONTENT_LENGTH=str(SMALL_BODY + 1))
    read = []

    def swallow(protocol: Any, scope: dict[str, Any]) -> None:
        read.append(scope["wsgi.input"].read(SMALL_BODY))
        with pytest.raises(threads.BodyCutShort):
            scope["wsgi.input"].read(1)
        protocol.response_bytes(400, [], b"short")

    assert answered(swallow, scope) == ("MainThread", (400, b"short"))
    assert read == [b"x" * SMALL_BODY]


def test_body__while_it_is_awaited__leaves_the_lane_to_others() -> None:
    all_at_once = Barrier(LANES, timeout=TIMEOUT)

    def pass_by(_: int) -> None:
        with lanes.taken():
            all_at_once.wait()

    class Sender:
        def read(self, size: int) -> bytes:
            with ThreadPoolExecutor(LANES) as others:
                list(others.map(pass_by, range(LANES)))
            return b"x" * size

    def swallow(protocol: Any, scope: dict[str, Any]) -> None:
        with lanes.taken():
            protocol.response_bytes(200, [], scope["wsgi.input"].read(5))

    chunked = asked("/v1/calendar/import", "POST", source=Sender(), HTTP_TRANSFER_ENCODING="chunked")
    assert answered(swallow, chunked) == ("MainThread", (200, b"xxxxx"))


@pytest.mark.parametrize(
    ("scope", "waits"),
    [
        (asked("/v1/auth/login", "POST", b"{}"), True),
        (asked("/api/auth/register", "POST", b"{}"), True),
        (asked("/v1/auth/staff/login", "POST", b"{}"), True),
        (asked("/v1/auth/reset-password/token", "POST", b"new_password=x"), True),
        (asked("/staff/login/", "POST", b"username=x"), True),
        (asked("/v1/auth/refresh", "POST", b"{}"), False),
        (asked("/v1/auth/me"), False),
        (asked("/v1/auth/login", "POST"), False),
        (asked("/v1/auth/login", "POST", CONTENT_LENGTH=str(SMALL_BODY + 1)), False),
        (asked("/v1/auth/login", "POST", CONTENT_LENGTH="²"), False),
        (asked("/v1/auth/login", "POST", CONTENT_LENGTH="-1"), False),
    ],
)
def test_may_wait__signing_in_with_a_small_body__may(scope: dict[str, Any], waits: bool) -> None:
    assert may_wait(scope) is waits
