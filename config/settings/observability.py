"""Logs, metrics, traces and error reports."""

from typing import Any

from config.settings.base import ENV

RELEASE = ENV.release
STAGE = ENV.stage.value
METRICS_TOKEN = ENV.observability.metrics_token
SENTRY_DSN = ENV.observability.sentry_dsn
OTLP_ENDPOINT = ENV.observability.otlp_endpoint
LOG_LEVEL = ENV.observability.log_level
DRAIN_FILE = ENV.drain_file

_SERVERS = ("django", "uvicorn", "uvicorn.error", "uvicorn.asgi", "_granian", "granian", "celery", "celery.task")
_REPLACED = ("django.server", "uvicorn.access", "granian.access")  # our own line per request says more
_CHATTY = ("asyncio", "httpcore", "httpx", "kombu", "urllib3")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "exceptions_alone": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: record.exc_info is not None,
        },
    },
    "formatters": {
        "main": {"()": "core.observability.logs.Formatter", "json": ENV.is_production, "version": RELEASE},
    },
    "handlers": {
        "out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "main"},
    },
    "root": {"handlers": ["out"], "level": LOG_LEVEL},
    "loggers": {
        **{name: {"handlers": [], "propagate": True} for name in _SERVERS},
        **{name: {"handlers": [], "propagate": False, "level": "CRITICAL"} for name in _REPLACED},
        **{name: {"level": "WARNING"} for name in _CHATTY},
        # Refusals are the caller's business and a 503 was decided on; an exception that nobody caught is news.
        "django.request": {"level": "ERROR", "filters": ["exceptions_alone"]},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
