"""Leaving without dropping anybody: first say so, then stop.

Before a process is told to stop, its entry point (`deploy/entrypoint`, or a `preStop` hook) creates the file
`DRAIN_FILE`. From then on `/readiness` answers 503, the load balancer turns elsewhere, and requests already on
their way are still served. Not here: stopping itself; granian and uvicorn finish what they have begun.
"""

from pathlib import Path

from django.conf import settings


def is_draining() -> bool:
    return Path(settings.DRAIN_FILE).exists()
