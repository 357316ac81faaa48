"""Error reports to Sentry, where a DSN is set: what went wrong, never who it happened to.

No request bodies, headers, cookies, query strings, local variables or user names leave the process; the trace id
leads from a report to the logs.
"""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

from core import context
from core.observability.redaction import redact

if TYPE_CHECKING:
    from sentry_sdk.types import Breadcrumb, Event, Hint


def start() -> None:
    """Start reporting. Imported late: a process without a DSN must not pay for the library."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk  # noqa: PLC0415
    from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.dedupe import DedupeIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.threading import ThreadingIntegration  # noqa: PLC0415

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.RELEASE,
        environment=settings.STAGE,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        server_name="",
        traces_sample_rate=None,
        auto_session_tracking=False,
        send_client_reports=False,
        before_send=clean_event,
        before_breadcrumb=clean_breadcrumb,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda pending, timeout: None),
            DedupeIntegration(),
            ExcepthookIntegration(),
            ThreadingIntegration(),
            LoggingIntegration(),
            DjangoIntegration(middleware_spans=False, signals_spans=False, cache_spans=False),
        ],
    )


def clean_event(event: "Event", hint: "Hint") -> "Event | None":
    """Leave the request and the user out, name the trace, and clean every text that is left."""
    report: dict[str, Any] = dict(event)
    for personal in ("request", "user", "server_name", "modules"):
        report.pop(personal, None)
    kept = {name: report.pop(name) for name in _MACHINE_MADE if name in report}
    now = context.current()
    cleaned = {
        **redact(report, depth=-_STACK_DEPTH),
        **kept,
        "tags": {"trace_id": now.trace_id, "surface": now.channel.surface},
    }
    return cast("Event", cleaned)


def clean_breadcrumb(breadcrumb: "Breadcrumb", hint: "Hint") -> "Breadcrumb | None":
    cleaned: Breadcrumb = redact(dict(breadcrumb))
    return cleaned


_STACK_DEPTH = 8  # how deep a report nests above its values: exception, values, stacktrace, frames, frame
_MACHINE_MADE = ("event_id", "timestamp", "platform", "sdk", "contexts", "release", "environment", "level")
