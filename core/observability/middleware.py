"""Watches every request: one line in the log, one observation in the metrics.

Stands right inside `RequestMiddleware`, which binds the trace id and the caller's address that are told here.
"""

from collections.abc import Callable
from time import perf_counter_ns

from django.http import HttpRequest, HttpResponse

from core.observability import access_log, metrics
from core.observability.redaction import safe_path
from core.observability.routes import method_of, route_of, surface_of


class ObservabilityMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter_ns()
        metrics.IN_FLIGHT.inc()
        status = 500
        try:
            response = self.get_response(request)
            status = response.status_code
            return response
        finally:
            metrics.IN_FLIGHT.dec()
            _tell(request, status, perf_counter_ns() - started)


def _tell(request: HttpRequest, status: int, duration: int) -> None:
    surface, route, method = surface_of(request), route_of(request), method_of(request)
    metrics.request_timer(surface, route, method, f"{status // 100}xx").observe(duration / 1e9)
    access_log.write(access_log.Finished(method, route, safe_path(request), status, duration, surface))
