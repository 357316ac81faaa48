"""What web processes need not load. A quarter of their start went into extras that nobody here uses."""

from contextlib import AbstractContextManager

from config.env import read_environment
from core.imports import without

# DRF's compatibility module imports both; redis meters itself as soon as it finds OpenTelemetry.
UNUSED = ("requests", "pygments")
TELEMETRY = ("opentelemetry",)


def without_extras() -> AbstractContextManager[None]:
    """Leave out, in this block, optional modules that would only cost time; telemetry stays where it is exported."""
    if read_environment().observability.otlp_endpoint:
        return without("pygments")
    return without(*UNUSED, *TELEMETRY)
