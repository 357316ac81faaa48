"""The one line that each finished request leaves in the log.

It comes with every request and holds nothing but values of ours, so it is written directly instead of through
the general pipeline, which would cost ten times as much.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from core import context
from core.observability.ecs import ECS_VERSION, truncated

ATTRIBUTE = "finished"
_logger = logging.getLogger("gigvora.access")


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished request. `duration` is in nanoseconds, `path` holds no secret."""

    method: str
    route: str
    path: str
    status: int
    duration: int
    surface: str


def write(finished: Finished) -> None:
    if not _logger.isEnabledFor(logging.INFO):
        return
    values = (finished.method, finished.route, finished.status)
    record = logging.LogRecord(_logger.name, logging.INFO, __file__, 0, "%s %s %d", values, None)
    setattr(record, ATTRIBUTE, finished)
    _logger.handle(record)


def as_schema(finished: Finished, created: float, service: dict[str, str]) -> str:
    """The entry in ECS. `created` is in seconds since the epoch."""
    now = context.current()
    entry = {
        "@timestamp": _timestamp(created),
        "log.level": "info",
        "message": f"{finished.method} {finished.route} {finished.status}",
        "event": {
            "dataset": "gigvora.access",
            "kind": "event",
            "category": ["web"],
            "type": ["access"],
            "outcome": "failure" if finished.status >= 500 else "success",
            "duration": finished.duration,
        },
        "http": {"request": {"method": finished.method}, "response": {"status_code": finished.status}},
        "url": {"path": finished.path},
        "trace": {"id": now.trace_id},
        "gigvora": {"channel": now.channel, "surface": finished.surface, "route": finished.route},
        "log": {"logger": _logger.name},
        "ecs.version": ECS_VERSION,
        "service": service,
    }
    if now.user_id:
        entry |= {"user": {"id": now.user_id}, "session": {"id": now.session_id}}
    if network := truncated(now.client_ip):
        entry["client"] = {"ip": network}
    return orjson.dumps(entry, default=str).decode()


def as_console(finished: Finished, created: float, service: dict[str, str]) -> str:
    """The entry for a developer's eyes."""
    milliseconds = finished.duration / 1e6
    return f"{_timestamp(created)} {finished.method:7} {finished.path} {finished.status} {milliseconds:.1f} ms"


def _timestamp(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
