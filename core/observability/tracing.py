"""Distributed traces by OpenTelemetry, where a collector is set.

A trace has the id that the answer's `X-Trace-Id` and the log lines carry: spans of a request take it from the
context that `RequestMiddleware` bound, which itself continues the caller's `traceparent`.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core import context
from core.observability.ecs import SERVICE
from core.observability.redaction import safe_path
from core.observability.routes import route_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

WATCHER = "core.observability.middleware.ObservabilityMiddleware"


def start() -> None:
    """Start tracing. Imported late: a process without a collector must not pay for the libraries."""
    if not settings.OTLP_ENDPOINT:
        return
    from opentelemetry import propagate, trace  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    provider = _provider()
    trace.set_tracer_provider(provider)
    # Trace context alone: baggage from a public client is not ours to carry into our systems.
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    _instrument(provider)


def _provider() -> "TracerProvider":
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    from core.observability.spans import CleanExporter, ContextIds  # noqa: PLC0415

    resource = Resource.create(
        {
            "service.name": SERVICE,
            "service.version": settings.RELEASE,
            "deployment.environment.name": settings.STAGE,
        }
    )
    provider = TracerProvider(resource=resource, id_generator=ContextIds())
    exporter = CleanExporter(endpoint=settings.OTLP_ENDPOINT.rstrip("/") + "/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _instrument(provider: "TracerProvider") -> None:
    from opentelemetry.instrumentation.celery import CeleryInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.django import DjangoInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.redis import RedisInstrumentor  # noqa: PLC0415

    DjangoInstrumentor._opentelemetry_middleware = "core.observability.spans.SpanMiddleware"
    DjangoInstrumentor().instrument(
        tracer_provider=provider,
        response_hook=finish_span,
        # Inside the middleware that binds the trace id, which the span is to carry.
        middleware_position=list(settings.MIDDLEWARE).index(WATCHER) + 1,
    )
    PsycopgInstrumentor().instrument(tracer_provider=provider)
    RedisInstrumentor().instrument(tracer_provider=provider)
    CeleryInstrumentor().instrument(  # type: ignore[no-untyped-call]
        tracer_provider=provider
    )


def finish_span(span: "Span", request: HttpRequest, response: HttpResponse) -> None:
    """Name the span by its route, and take out of it what the library wrote down about the caller."""
    path = safe_path(request)
    span.update_name(f"{request.method} {route_of(request)}")
    span.set_attributes(
        {
            "http.route": route_of(request),
            "http.target": path,
            "http.url": path,
            "http.user_agent": "",
            "net.peer.ip": "",
            "gigvora.channel": str(context.current().channel),
        }
    )
