"""Spans as they are made and as they leave us. Imported only where traces are on (`tracing.py`)."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django.middleware.otel_middleware import _DjangoMiddleware
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Status

from core import context
from core.observability.redaction import redact_text

PROBES = frozenset({"/health", "/readiness", "/metrics"})


class ContextIds(RandomIdGenerator):
    """A request's own trace id for its first span; jobs of the system draw new ones."""

    def generate_trace_id(self) -> int:
        now = context.current()
        if now.channel is context.Channel.SYSTEM:
            return super().generate_trace_id()
        return int(now.trace_id, 16)


class SpanMiddleware(_DjangoMiddleware):
    """The library's, except that probes pass: they call by address, and reading the host would refuse them."""

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response if request.path in PROBES else super().__call__
        response: HttpResponseBase = answer(request)
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        if request.path not in PROBES:
            super().process_view(request, *view)  # type: ignore[no-untyped-call]

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Leave exceptions to the log and the error reports; the span's status says that there was one."""


class CleanExporter(OTLPSpanExporter):
    """Sends spans without what libraries write into them from error messages and values."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return super().export([_clean(span) for span in spans])


def _clean(span: ReadableSpan) -> ReadableSpan:
    attributes = {
        name: redact_text(value) if isinstance(value, str) else value for name, value in (span.attributes or {}).items()
    }
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=(),  # recorded exceptions
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
