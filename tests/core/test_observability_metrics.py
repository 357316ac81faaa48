"""What is counted, under which labels, and who may read it."""

import logging
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from time import thread_time_ns

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from core import context
from core.http.access import ADMIN, Access
from core.observability import collectors, metrics
from core.observability.middleware import ObservabilityMiddleware
from core.observability.routes import template

LABELS = {"surface": "mobile", "route": "/v1/things/{pk}", "method": "GET", "status_class": "2xx"}
COUNT = "gigvora_http_request_duration_seconds_count"


def _watched(request: HttpRequest, status: int = 200, channel: context.Channel = context.Channel.IOS) -> None:
    with context.scope(context.Context(channel=channel)):
        ObservabilityMiddleware(lambda request: HttpResponse(status=status))(request)


def _request(method: str = "GET", path: str = "/v1/things/1", route: str = "v1/things/<int:pk>") -> HttpRequest:
    request = RequestFactory().generic(method, path)
    request.resolver_match = ResolverMatch(HttpResponse, (), {"pk": 1}, route=route) if route else None
    return request


def _value(name: str, labels: dict[str, str]) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_request__any__is_observed_once_under_its_template() -> None:
    before = _value(COUNT, LABELS)

    _watched(_request())

    assert _value(COUNT, LABELS) == before + 1


@pytest.mark.parametrize(
    ("request_", "status", "channel", "changed"),
    [
        (_request(), 404, context.Channel.IOS, {"status_class": "4xx"}),
        (_request(), 200, context.Channel.ANDROID, {}),
        (_request(), 200, context.Channel.WEB, {"surface": "web"}),
        (_request(), 200, context.Channel.ADMIN, {"surface": "admin"}),
        (_request("BREW"), 405, context.Channel.WEB, {"surface": "web", "method": "other", "status_class": "4xx"}),
        (_request(route=""), 404, context.Channel.WEB, {"surface": "web", "route": "unmatched", "status_class": "4xx"}),
        (
            _request(path="/admin/login/", route="admin/login/"),
            200,
            context.Channel.WEB,
            {"surface": "admin", "route": "/admin/login/"},
        ),
    ],
)
def test_request__labels__do_not_grow_with_traffic(
    request_: HttpRequest, status: int, channel: context.Channel, changed: dict[str, str]
) -> None:
    labels = LABELS | changed
    before = _value(COUNT, labels)

    _watched(request_, status, channel)

    assert _value(COUNT, labels) == before + 1


def test_request__staff_only_route__counts_as_admin() -> None:
    class StaffView:
        access = Access("admin:*", audiences=ADMIN)

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    view.access = StaffView.access  # type: ignore[attr-defined]
    request = _request()
    request.resolver_match = ResolverMatch(view, (), {}, route="v1/staff")
    labels = LABELS | {"surface": "admin", "route": "/v1/staff"}
    before = _value(COUNT, labels)

    _watched(request)

    assert _value(COUNT, labels) == before + 1


def test_in_flight__while_answering__one_more() -> None:
    seen: list[float] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(_value("gigvora_http_requests_in_flight", {}))
        return HttpResponse()

    before = _value("gigvora_http_requests_in_flight", {})
    ObservabilityMiddleware(view)(_request())

    assert seen == [before + 1]
    assert _value("gigvora_http_requests_in_flight", {}) == before


@pytest.mark.parametrize(
    ("count", "name", "label"),
    [
        (metrics.rate_limited, "gigvora_rate_limited_total", "limit"),
        (metrics.access_refused, "gigvora_access_refused_total", "reason"),
        (metrics.authentication_failed, "gigvora_authentication_failures_total", "reason"),
    ],
)
def test_perimeter__refusal__is_counted_by_surface(count: Callable[[str], None], name: str, label: str) -> None:
    labels = {"surface": "mobile", label: "why"}
    before = _value(name, labels)

    with context.scope(context.Context(channel=context.Channel.ANDROID)):
        count("why")

    assert _value(name, labels) == before + 1


@pytest.mark.django_db
def test_perimeter__refused_request__is_counted_once() -> None:
    labels = {"surface": "web", "reason": "unauthenticated"}
    before = _value("gigvora_authentication_failures_total", labels)

    assert Client().get("/v1/auth/me").status_code == 401

    assert _value("gigvora_authentication_failures_total", labels) == before + 1


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("v1/events/<uuid:pk>", "/v1/events/{pk}"),
        ("v1/calendar/^events/(?P<pk>[^/.]+)/cancel$", "/v1/calendar/events/{pk}/cancel"),
        ("health", "/health"),
        ("", "/"),
    ],
)
def test_template__paths_and_expressions__are_written_alike(route: str, expected: str) -> None:
    assert template(route) == expected


def test_cost__observing_one_request__is_small() -> None:
    """About 6 µs on a quiet machine. Processor time, and room for a shared one; ten-fold growth shows."""
    watch, request, response = ObservabilityMiddleware(lambda request: response), _request(), HttpResponse()

    def microseconds(rounds: int = 300) -> float:
        started = thread_time_ns()
        for _ in range(rounds):
            watch(request)
        return (thread_time_ns() - started) / rounds / 1000

    logging.disable(logging.CRITICAL)  # pytest's own handlers would be measured too
    try:
        assert min(microseconds() for _ in range(5)) < 60
    finally:
        logging.disable(logging.NOTSET)


@pytest.fixture
def scraper(settings: Settings) -> Client:
    settings.METRICS_TOKEN = "s3cret"
    return Client(headers={"Authorization": "Bearer s3cret"})


def test_metrics__with_the_token__parse_and_carry_surfaces(scraper: Client) -> None:
    _watched(_request())

    response = scraper.get("/metrics")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(response.content.decode())}
    samples = families["gigvora_http_request_duration_seconds"].samples
    assert {sample.labels["surface"] for sample in samples} <= {"web", "mobile", "admin", "system"}
    assert {sample.labels["le"] for sample in samples if sample.name.endswith("_bucket")} == {
        *("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.0", "+Inf")
    }


@pytest.mark.django_db  # the answer to an unknown address may leave a trail
@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic s3cret", "Bearer s3cret ", "Bearer \xe9"])
def test_metrics__without_the_token__same_404_as_nothing(header: str, settings: Settings) -> None:
    settings.METRICS_TOKEN = "s3cret"
    client = Client(headers={"Authorization": header} if header else {})

    refused, nothing = client.get("/metrics"), client.get("/v1/nothing-is-here")

    assert refused.status_code == nothing.status_code == 404
    own = {"instance": None, "trace_id": None}
    assert refused.json() | own == nothing.json() | own
    assert refused["Content-Type"] == nothing["Content-Type"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "forwarded", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("fdaa:0:1::3", {}, 200),
        ("::ffff:10.1.2.3", {}, 200),
        ("203.0.114.9", {}, 404),
        ("::ffff:203.0.114.9", {}, 404),
        ("", {}, 404),
        ("10.1.2.3", {"X-Forwarded-For": "203.0.114.9"}, 404),
        ("10.1.2.3", {"X-Forwarded-For": "10.9.9.9"}, 404),
        ("10.1.2.3", {"Fly-Client-IP": "203.0.114.9"}, 404),
    ],
)
def test_metrics__no_token_set__direct_neighbours_only(
    address: str, forwarded: dict[str, str], status: int, settings: Settings
) -> None:
    settings.METRICS_TOKEN = ""

    assert Client(headers=forwarded).get("/metrics", REMOTE_ADDR=address).status_code == status


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collectors, "_figures", {})


@pytest.mark.usefixtures("figures")
def test_figures__one_fails__costs_itself_alone(scraper: Client) -> None:
    collectors.register_figure("outbox_lag_seconds", "Age of the oldest event not yet delivered.", lambda: 2.5)
    collectors.register_figure("feed_horizon_lag_seconds", "Age of the feed's horizon.", lambda: 1 / 0)
    collectors.register_figure("quiet", "Nothing to say.", lambda: None)

    text = scraper.get("/metrics").content.decode()

    assert "\ngigvora_outbox_lag_seconds 2.5\n" in text
    assert "\ngigvora_feed_horizon_lag_seconds" not in text
    assert "\ngigvora_quiet" not in text
    assert 'gigvora_collector_up{collector="gigvora_outbox_lag_seconds"} 1.0' in text
    assert 'gigvora_collector_up{collector="gigvora_feed_horizon_lag_seconds"} 0.0' in text


def test_metrics__several_workers__are_summed_and_the_dead_forgotten(tmp_path: Path) -> None:
    worker = """
        import os
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        from core.observability import metrics
        metrics.rate_limited("sign-in")
        metrics.IN_FLIGHT.inc()
        os.kill(os.getpid(), 9)  # no chance to take itself off the gauge
    """
    scraper = """
        import os
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django
        django.setup()
        from core.observability import metrics
        metrics.rate_limited("sign-in")
        metrics.IN_FLIGHT.inc()
        from core.observability.exposition import scrape
        print(scrape().decode())
    """
    assert _python(worker, tmp_path).returncode == -9

    text = _python(scraper, tmp_path).stdout

    assert 'gigvora_rate_limited_total{limit="sign-in",surface="system"} 2.0' in text
    assert "gigvora_http_requests_in_flight 1.0" in text


def _python(source: str, shared: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared), "LOG_LEVEL": "CRITICAL"}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], env=env, capture_output=True, text=True, check=False
    )
