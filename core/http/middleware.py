"""The outermost layer: it cleans the request, binds its context and finishes every answer."""

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import patch_vary_headers

from core import context
from core.errors import BadRequest
from core.http import problems
from core.http.error_pages import is_for_people
from core.http.headers import put, put_missing
from core.http.proxies import TrustedProxies
from core.http.wire import Wire, case_of

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")
# Probes and scrapers call a machine by its address.
_HOSTLESS = {"/health", "/readiness", "/metrics"}
_HOSTS_REMEMBERED = 100
_LONGEST_QUERY = 200  # characters; longer ones are too rare to be worth remembering
_VARY = ("Origin", "Accept-Encoding")
_BODILESS = {204, 304}
logger = logging.getLogger(__name__)


@lru_cache(maxsize=256)
def _varying(declared: str) -> str:
    """What every answer varies by, after what it declares itself."""
    answer = HttpResponse(headers={"Vary": declared} if declared else None)
    patch_vary_headers(answer, _VARY)
    return answer.headers["Vary"]


@lru_cache(maxsize=2048)
def _parsed(query: str) -> Any:
    """The same few queries come all day, and nobody can change a `QueryDict` but in a copy."""
    return QueryDict(query)


class RequestMiddleware:
    """Binds client address, trace id (W3C `traceparent`), wire and channel; answers carry `X-Trace-Id` and `Vary`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = TrustedProxies(settings.TRUSTED_PROXIES)
        self.served_hosts: set[str] = set()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        self.proxies.sanitize(meta)
        request.__dict__.pop("headers", None)  # Django's view of META, if somebody has looked already
        query = meta.get("QUERY_STRING", "")
        if len(query) <= _LONGEST_QUERY and query.isascii():
            request.GET = _parsed(query)
        incoming = _TRACEPARENT.match(meta.get("HTTP_TRACEPARENT", ""))
        bound = context.Context(
            channel=context.Channel.WEB,
            trace_id=incoming[1] if incoming else context.new_trace_id(),
            client_ip=meta.get("REMOTE_ADDR", ""),
            user_agent=meta.get("HTTP_USER_AGENT", "")[:512],
        )
        with context.scope(bound):
            request.wire = Wire(case_of(request.path), meta.get("HTTP_X_APP_VERSION", ""))  # type: ignore[attr-defined]
            response = self._refused_host(request) or self.get_response(request)
            put(response, "X-Trace-Id", bound.trace_id)
            put(response, "Vary", _varying(response.headers.get("Vary", "")))
            if response.status_code not in _BODILESS and isinstance(response, HttpResponse):
                put_missing(response, {"Content-Length": str(len(response.content))})
            return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what views outside of DRF raise; DRF's own have been answered already."""
        return None if is_for_people(request) else problems.answer(exception, request)

    def _refused_host(self, request: HttpRequest) -> HttpResponse | None:
        host = request.META.get("HTTP_HOST", "")
        if host in self.served_hosts or request.path in _HOSTLESS:
            return None
        try:
            request.get_host()
        except DisallowedHost:
            logger.warning("Host refused: %.100r", host)
            return problems.problem_response(BadRequest("This host is not served here."), request)
        if len(self.served_hosts) < _HOSTS_REMEMBERED:
            self.served_hosts.add(host)
        return None
