"""Our log entries in the Elastic Common Schema (ECS) 1.12, the mapping of the central log store.

Names with a dot are the schema's. Whatever else somebody logs becomes a label, so no caller can break the mapping.
"""

import ipaddress
from functools import lru_cache
from typing import Any

import ecs_logging
import orjson
from structlog.typing import EventDict, WrappedLogger

from core import context

ECS_VERSION = "1.12.0"
SERVICE = "gigvora-backend"

_RESERVED = {"event", "level", "logger", "exception", "stack"}


def service_fields(version: str) -> dict[str, str]:
    return {"name": SERVICE, "version": version} if version else {"name": SERVICE}


def context_fields() -> dict[str, Any]:
    """Who and what the running work is for; what is not known is left out."""
    now = context.current()
    fields = {
        "trace.id": now.trace_id,
        "user.id": now.user_id,
        "session.id": now.session_id,
        "client.ip": truncated(now.client_ip),
        "gigvora.channel": str(now.channel),
        "gigvora.surface": now.channel.surface,
    }
    return {name: value for name, value in fields.items() if value}


@lru_cache(maxsize=4096)
def truncated(address: str) -> str:
    """The network of a client's address: enough to see an attack, too little to see a person."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((plain, 24 if plain.version == 4 else 48), strict=False).network_address)


def to_schema(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """A log processor: move names that the schema does not know under `labels`."""
    labels = {field: str(event.pop(field)) for field in list(event) if "." not in field and field not in _RESERVED}
    event["log.level"] = event.pop("level", name)
    event["log.logger"] = event.pop("logger", "")
    if stack := event.pop("stack", None):
        event.setdefault("exception", stack)
    if labels:
        event["labels"] = labels
    return event


class EcsFormatter(ecs_logging.StructlogFormatter):
    """The library's formatter, in the schema version our log store maps, and encoded by orjson."""

    def __init__(self, service: dict[str, str]) -> None:
        super().__init__()
        self._service = service

    def __call__(self, logger: WrappedLogger, name: str, event_dict: EventDict) -> str:
        return str(super().__call__(logger, name, dict(event_dict)))

    def format_to_ecs(self, event_dict: dict[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = super().format_to_ecs(event_dict)
        return {
            "@timestamp": fields.pop("@timestamp"),
            "log.level": fields["log"].pop("level"),
            "message": fields.pop("message"),
            **fields,
            "ecs.version": ECS_VERSION,
            "service": self._service,
        }

    def _json_dumps(self, value: dict[str, Any]) -> str:
        return orjson.dumps(value, default=str).decode()
