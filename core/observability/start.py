"""Start what leaves the process by itself: traces and error reports. Each costs nothing where it is not configured."""

from core.observability import error_reports, tracing


def start() -> None:
    tracing.start()
    error_reports.start()
