"""The outermost layer: it binds the context of the request and finishes every answer."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core import context
from core.http.wire import Wire, case_of

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")


class RequestMiddleware:
    """Binds trace id (W3C `traceparent`), wire and channel; answers carry `X-Trace-Id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        incoming = _TRACEPARENT.match(request.META.get("HTTP_TRACEPARENT", ""))
        bound = context.Context(
            channel=context.Channel.WEB,
            trace_id=incoming[1] if incoming else context.new_trace_id(),
            client_ip=request.META.get("REMOTE_ADDR", ""),
            user_agent=request.META.get("HTTP_USER_AGENT", "")[:512],
        )
        with context.scope(bound):
            request.wire = Wire(case_of(request.path), request.META.get("HTTP_X_APP_VERSION", ""))  # type: ignore[attr-defined]
            response = self.get_response(request)
            response["X-Trace-Id"] = bound.trace_id
            return response
