"""One log pipeline: whatever logs (we, Django, the servers, Celery) comes out redacted and in one shape.

Production writes one JSON object a line (`ecs.py`), development a readable console.
"""

import logging

import structlog
from django.http import HttpRequest
from structlog.typing import EventDict, Processor, WrappedLogger

from core.observability import access_log
from core.observability.ecs import EcsFormatter, context_fields, service_fields, to_schema
from core.observability.redaction import one_line, redact, redact_text, safe_path

# What libraries hang onto their records (whole requests, task arguments, colour codes), and what another handler's
# formatter leaves there: the message once more, not redacted.
_DROPPED = (
    *("request", "data", "color_message", "server_time", "status_code", "taskName", "websocket"),
    *("message", "asctime"),
)


def configure_structlog() -> None:
    """Let `structlog.get_logger()` write through the standard library, and so through the same pipeline."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class Formatter(structlog.stdlib.ProcessorFormatter):
    """The formatter that `LOGGING` names, and the servers' own log configuration too."""

    def __init__(self, *, json: bool, version: str = "") -> None:
        configure_structlog()
        self._service = service_fields(version)
        self._write_request = access_log.as_schema if json else access_log.as_console
        shape: list[Processor] = [to_schema, EcsFormatter(self._service)] if json else [_on_one_line, _console()]
        super().__init__(
            foreign_pre_chain=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
            ],
            processors=[
                _without_request,
                self.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redacted,
                *shape,
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        finished = getattr(record, access_log.ATTRIBUTE, None)
        if isinstance(finished, access_log.Finished):
            return self._write_request(finished, record.created, self._service)
        return super().format(record)


def _console() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(pad_event_to=40, exception_formatter=structlog.dev.plain_traceback)


def _without_request(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Drop what libraries attach; where Django names the path of a failed request, name it without secrets."""
    request = event.get("request")
    if isinstance(request, HttpRequest):
        event["event"] = str(event["event"]).replace(request.path, safe_path(request))
    for extra in _DROPPED:
        event.pop(extra, None)
    return event


def _redacted(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Clean everything that was logged, then add the context, which is ours and needs no cleaning."""
    message = redact_text(str(event.pop("event", "")))
    return {**context_fields(), **redact(event), "event": message}


def _on_one_line(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """On a console each line looks like an entry, so only a traceback may have several."""
    return {
        field: one_line(value) if isinstance(value, str) and field != "exception" else value
        for field, value in event.items()
    }
