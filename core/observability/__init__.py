"""What can be seen of a running process: logs, metrics, traces, error reports, health and readiness."""

from core.imports import without

with without("rich"):  # structlog would colour tracebacks with it that we never print
    import structlog  # noqa: F401
