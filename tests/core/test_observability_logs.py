"""The log pipeline: the shape of an entry, one line per request, and what must never be in it."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch

from core import context
from core.observability.ecs import truncated
from core.observability.logs import Formatter
from core.observability.middleware import ObservabilityMiddleware

Entries = Callable[[], list[dict[str, Any]]]
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"
USER = "0199a0c4-7b8a-7c0e-9b1e-0123456789ab"


def _capture(json_lines: bool) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter(json=json_lines, version="1.2.3"))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    yield from _capture(True)


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    yield from _capture(False)


@pytest.fixture
def entries(written: io.StringIO) -> Entries:
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def _phone(**changes: str) -> context.Context:
    return context.Context(
        channel=context.Channel.IOS,
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
        user_id=USER,
        session_id="0199a0c4-7b8a-7c0e-9b1e-0123456789ac",
        client_ip=changes.get("client_ip", "203.0.113.77"),
    )


def test_entry__structlog_with_context__is_ecs_1_12(entries: Entries) -> None:
    with context.scope(_phone()):
        structlog.stdlib.get_logger("calendar").warning("Late.", minutes=5, **{"event.action": "reminder"})

    [entry] = entries()
    assert entry.pop("@timestamp").endswith("Z")
    assert entry == {
        "log.level": "warning",
        "message": "Late.",
        "client": {"ip": "203.0.113.0"},
        "ecs.version": "1.12.0",
        "event": {"action": "reminder"},
        "gigvora": {"channel": "mobile-ios", "surface": "mobile"},
        "labels": {"minutes": "5"},
        "log": {"logger": "calendar"},
        "service": {"name": "gigvora-backend", "version": "1.2.3"},
        "session": {"id": "0199a0c4-7b8a-7c0e-9b1e-0123456789ac"},
        "trace": {"id": "4bf92f3577b34da6a3ce929d0e0e4736"},
        "user": {"id": USER},
    }


@pytest.mark.parametrize("name", ["django", "uvicorn.error", "_granian", "celery.app.trace", "any.library"])
def test_entry__standard_library_logger__same_pipeline(name: str, entries: Entries) -> None:
    logging.getLogger(name).error("Failed for %s", "ada@example.com", extra={"user": "x", "trace": {"id": "forged"}})

    [entry] = entries()
    assert entry["message"] == "Failed for [redacted]"
    assert entry["log"] == {"logger": name}
    assert entry["labels"] == {"user": "x", "trace": "{'id': 'forged'}"}
    assert entry["ecs.version"] == "1.12.0"


def test_entry__exception__carries_the_stack_trace_without_secrets(entries: Entries) -> None:
    secret = "".join(("hun", "ter2"))  # the trace quotes source lines; none of them may hold the canary
    try:
        raise ValueError(f"cannot connect to postgres://app:{secret}@db/app with password={secret}")
    except ValueError:
        logging.getLogger("x").exception("Broken.")

    [entry] = entries()
    trace = entry["error"]["stack_trace"]
    assert trace.startswith("Traceback (most recent call last):\n")
    assert "ValueError: cannot connect to postgres://[redacted]@db/app with password=[redacted]" in trace
    assert secret not in json.dumps(entry)


@pytest.mark.parametrize(
    ("logged", "seen"),
    [
        (f"token {JWT} refused", "token [redacted] refused"),
        (f"Authorization: Bearer {JWT}", "Authorization: [redacted] [redacted]"),
        ("DPoP abc.def-ghi sent", "DPoP [redacted] sent"),
        ('{"password": "correct horse", "a": 1}', '{"password": [redacted], "a": 1}'),
        ("refresh_token=abc123&device=1", "refresh_token=[redacted]&device=1"),
        ("api-key: abc123", "api-key: [redacted]"),
        ("Key (email)=(ada.l+x@mail.example.org) already exists.", "Key (email)=([redacted]) already exists."),
        ("-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----", "[redacted]"),
        ("redis://user:s3cret@cache:6379/0", "redis://[redacted]@cache:6379/0"),
        ("event 0199a0c4 moved", "event 0199a0c4 moved"),
    ],
)
def test_redaction__free_text__hides_secrets_and_people(logged: str, seen: str, entries: Entries) -> None:
    logging.getLogger("x").warning(logged)

    assert entries()[0]["message"] == seen


def test_redaction__fields__by_name_at_any_depth(entries: Entries) -> None:
    structlog.stdlib.get_logger("x").warning(
        "Sent.",
        **{"gigvora.push": {"token": "canary", "devices": [{"push_token": "canary", "name": "Pixel"}]}},
        authorization="canary",
        email="canary",
    )

    [entry] = entries()
    assert "canary" not in json.dumps(entry)
    assert entry["gigvora"]["push"] == {
        "token": "[redacted]",
        "devices": [{"push_token": "[redacted]", "name": "Pixel"}],
    }


def test_injection__line_ends_and_escapes__cannot_forge_a_line(written: io.StringIO, entries: Entries) -> None:
    forged = 'a\r\n{"message": "admin signed in"}\x1b[2K\u2028b\x9bc'

    # Half of a surrogate pair comes as a field: pytest's parallel workers cannot report it in a message.
    logging.getLogger("x").warning(forged, extra={"sent_name": "b\ud800"})

    assert len(written.getvalue().splitlines()) == 1
    assert not [sign for sign in written.getvalue().rstrip("\n") if not sign.isprintable()]
    assert entries()[0]["message"].endswith(r"\x9bc")
    assert "\\ud800" in written.getvalue()


def test_injection__console__cannot_forge_a_line(console: io.StringIO) -> None:
    logging.getLogger("x").warning("a\r\nINFO admin signed in\x1b[2K", extra={"name_": "b\nc"})

    [line] = console.getvalue().splitlines()
    assert "a\\r\\nINFO admin signed in\\x1b[2K" in line
    assert "b\\nc" in line


def test_access_line__any_request__exactly_one(entries: Entries) -> None:
    response = Client().get("/health?token=canary", headers={"Authorization": f"Bearer {JWT}"})

    [entry] = entries()
    assert entry["message"] == "GET /health 200"
    assert entry["event"].pop("duration") > 0
    assert entry["event"] == {
        "dataset": "gigvora.access",
        "kind": "event",
        "category": ["web"],
        "type": ["access"],
        "outcome": "success",
    }
    assert entry["http"] == {"request": {"method": "GET"}, "response": {"status_code": 200}}
    assert entry["url"] == {"path": "/health"}
    assert entry["gigvora"] == {"channel": "web", "surface": "web", "route": "/health"}
    assert entry["client"] == {"ip": "127.0.0.0"}
    assert entry["trace"] == {"id": response["X-Trace-Id"]}
    assert "canary" not in json.dumps(entry)
    assert JWT not in json.dumps(entry)


@pytest.mark.django_db
def test_access_line__no_such_address__is_unmatched_and_clean(entries: Entries) -> None:
    Client(raise_request_exception=False).get(f"/v1/nowhere/{JWT}/x%0d%0ay@mail.example.org")

    line = next(entry for entry in entries() if entry["log"] == {"logger": "gigvora.access"})
    assert line["gigvora"]["route"] == "unmatched"
    assert line["url"]["path"] == "/v1/nowhere/[redacted]/x\\r\n[redacted]"


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("token", "abcdef", "[redacted]"),
        ("pk", USER, USER),
        ("pk", f"{USER}:2026-11-20T10:00:00Z", f"{USER}:2026-11-20T10:00:00Z"),
        ("pk", "42", "42"),
        ("provider", "google", "google"),
        ("slug", "k3yL00kingStringOf32Characters00", "[redacted]"),
    ],
)
def test_access_line__value_in_the_path__only_if_plainly_an_id(
    name: str, value: str, seen: str, entries: Entries
) -> None:
    request = _resolved(f"/v1/things/{value}.ics", f"v1/things/<str:{name}>.ics", {name: value})

    ObservabilityMiddleware(lambda request: HttpResponse())(request)

    [entry] = entries()
    assert entry["url"] == {"path": f"/v1/things/{seen}.ics"}
    assert entry["gigvora"]["route"] == f"/v1/things/{{{name}}}.ics"


def test_access_line__view_raises__is_still_written(entries: Entries) -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ObservabilityMiddleware(fail)(_resolved("/v1/x", "v1/x", {}))

    [entry] = entries()
    assert entry["http"]["response"] == {"status_code": 500}
    assert entry["event"]["outcome"] == "failure"


def test_failed_request__path_with_a_token__is_named_without_it(entries: Entries) -> None:
    request = _resolved("/v1/auth/verify-email/canary-1", "v1/auth/verify-email/<str:token>", {"token": "canary-1"})

    logging.getLogger("django.request").error(
        "Internal Server Error: %s",
        request.path,
        extra={"request": request, "status_code": 500},
        exc_info=RuntimeError("x"),
    )

    [entry] = entries()
    assert entry["message"] == "Internal Server Error: /v1/auth/verify-email/[redacted]"
    assert "canary" not in json.dumps(entry)


def test_failed_request__answered_503__is_no_error_in_the_log(entries: Entries) -> None:
    logging.getLogger("django.request").error("Service Unavailable: %s", "/readiness")

    assert entries() == []


def test_console__request__is_one_short_line(console: io.StringIO) -> None:
    Client().get("/health")

    [line] = console.getvalue().splitlines()
    assert line.split()[1:4] == ["GET", "/health", "200"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3::4", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("", ""),
        ("not an address", ""),
    ],
)
def test_client_address__any__only_its_network_is_kept(address: str, network: str) -> None:
    assert truncated(address) == network


def _resolved(path: str, route: str, kwargs: dict[str, str]) -> HttpRequest:
    request = RequestFactory().get(path)
    request.resolver_match = ResolverMatch(HttpResponse, (), kwargs, route=route)
    return request
