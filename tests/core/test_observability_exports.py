"""Traces and error reports as they leave a real server: what arrives, under which id, and what never does."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.core.observability_receivers import Receiver, receiver
from tests.live.server import LiveServer, serve

pytestmark = [pytest.mark.xdist_group("observability"), pytest.mark.slow]

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
CANARY = "canary-9c1f"
PRODUCTION_LIKE = {"ALLOWED_HOSTS": "127.0.0.1", "GIGVORA_RELEASE": "2026.11.1"}


@dataclass(frozen=True, slots=True)
class Watched:
    server: LiveServer
    collector: Receiver
    sentry: Receiver


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with receiver() as collector, receiver() as sentry:
        dsn = sentry.url.replace("://", "://public@") + "/7"
        settings = {**PRODUCTION_LIKE, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "SENTRY_DSN": dsn}
        settings["OTEL_BSP_SCHEDULE_DELAY"] = "100"
        with serve(tmp_path_factory.mktemp("watched"), "web", **settings, WEB_CONCURRENCY="1") as server:
            yield Watched(server, collector, sentry)


def _spans(received: list[tuple[str, bytes]]) -> list[Span]:
    return [
        span
        for path, body in received
        if path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _attributes(span: Span) -> dict[str, Any]:
    return {entry.key: getattr(entry.value, str(entry.value.WhichOneof("value"))) for entry in span.attributes}


def _span_of(watched: Watched, trace_id: str) -> Span:
    def of_request(received: list[tuple[str, bytes]]) -> list[Span]:
        spans = [span for span in _spans(received) if span.trace_id.hex() == trace_id]
        return [span for span in spans if span.kind == Span.SPAN_KIND_SERVER]  # those within it may be sent before it

    [span] = of_request(watched.collector.wait_for(lambda received: bool(of_request(received))))
    return span


def test_trace__traceparent_given__is_continued(watched: Watched) -> None:
    response = httpx.get(
        f"{watched.server.url}/v1/nowhere/{CANARY}@mail.example.org?q={CANARY}",
        headers={"traceparent": f"00-{TRACE}-{PARENT}-01", "User-Agent": CANARY, "Authorization": f"Bearer {CANARY}"},
    )

    span = _span_of(watched, TRACE)
    assert response.headers["X-Trace-Id"] == TRACE
    assert span.parent_span_id.hex() == PARENT
    assert span.name == "GET unmatched"
    attributes = _attributes(span)
    assert attributes["http.status_code"] == 404
    assert attributes["http.route"] == "unmatched"
    assert attributes["gigvora.channel"] == "web"
    assert CANARY not in str(span)


def test_trace__no_traceparent__carries_the_answers_trace_id(watched: Watched) -> None:
    response = httpx.get(f"{watched.server.url}/v1/auth/me")

    span = _span_of(watched, response.headers["X-Trace-Id"])
    assert span.parent_span_id == b""


def test_trace__probes__leave_none(watched: Watched) -> None:
    probe = httpx.get(f"{watched.server.url}/readiness", headers={"Host": "10.0.0.7:8000"})
    later = httpx.get(f"{watched.server.url}/v1/nowhere").headers["X-Trace-Id"]

    _span_of(watched, later)
    assert probe.status_code == 200
    assert probe.headers["X-Trace-Id"] not in {span.trace_id.hex() for span in _spans(watched.collector.received)}


def test_trace__resource__names_service_and_release(watched: Watched) -> None:
    _span_of(watched, httpx.get(f"{watched.server.url}/v1/nowhere").headers["X-Trace-Id"])

    _, body = next(entry for entry in watched.collector.received if entry[0] == "/v1/traces")
    resource = ExportTraceServiceRequest.FromString(body).resource_spans[0].resource
    named = {entry.key: entry.value.string_value for entry in resource.attributes}
    assert named["service.name"] == "gigvora-backend"
    assert named["service.version"] == "2026.11.1"
    assert named["deployment.environment.name"] == "test"


def test_error_report__unhandled_exception__arrives_without_people_and_secrets(tmp_path: Path) -> None:
    source = f"""
import os, logging
import django
django.setup()
from django.test import Client
from django.urls import path
from config import urls
from core.http.access import Public
from core.http import routing

def fail(request):
    local = "{CANARY[:6]}" + "-local"
    logging.getLogger("x").info("crumb for ada@example.com token=%s", local)
    raise RuntimeError("cannot reach postgres://app:{CANARY[:6]}" + "-9c1f@db for ada@example.com")

fail.access = Public("fails")
urls.urlpatterns.append(path("v1/fail", fail))
Client(raise_request_exception=False).post(
    "/v1/fail?q={CANARY}",
    data='{{"password": "{CANARY}"}}',
    content_type="application/json",
    headers={{
        "Authorization": "Bearer {CANARY}",
        "Cookie": "visitor={CANARY}",
        "traceparent": "00-{TRACE}-{PARENT}-01",
    }},
)
import sentry_sdk
sentry_sdk.flush(10)
"""
    with receiver() as sentry:
        _run(source, tmp_path, SENTRY_DSN=sentry.url.replace("://", "://public@") + "/7", GIGVORA_RELEASE="2026.11.1")
        event = _event(sentry)

    [error] = event["exception"]["values"]
    assert error["type"] == "RuntimeError"
    assert error["value"] == "cannot reach postgres://[redacted]@db for [redacted]"
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["release"] == "2026.11.1"
    assert event["environment"] == "test"
    assert event["tags"]["trace_id"] == TRACE
    assert "request" not in event
    text = json.dumps(event)
    assert CANARY not in text
    assert "ada@example.com" not in text
    assert "-local" not in json.dumps(event["breadcrumbs"])
    assert "vars" not in text
    assert "user" not in event


def _event(sentry: Receiver) -> dict[str, Any]:
    [(path, envelope)] = sentry.wait_for(bool)
    assert path == "/api/7/envelope/"
    _, item, body = envelope.split(b"\n", 2)
    assert json.loads(item)["type"] == "event"
    event: dict[str, Any] = json.loads(body.split(b"\n")[0])
    return event


def test_start__nothing_configured__imports_neither_library(tmp_path: Path) -> None:
    source = """
import sys
import django
django.setup()
import config.urls
from core.observability import tracing
print(sorted({"opentelemetry.exporter.otlp", "opentelemetry.instrumentation.django", "sentry_sdk"} & set(sys.modules)))
"""
    assert _run(source, tmp_path) == "[]\n"


def _run(source: str, home: Path, **overrides: str) -> str:
    """Run Python in a process of its own, whose settings are read anew."""
    env = {**os.environ, "GIGVORA_HOME": str(home), "DJANGO_SETTINGS_MODULE": "config.settings", **overrides}
    finished = subprocess.run([sys.executable, "-c", source], env=env, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
