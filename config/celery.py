"""Celery: workers, beat, and the transport of `core.jobs` where a broker is configured.

Web processes import this module with the first job they enqueue, workers and beat at their start.
"""

import os
from time import monotonic
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from celery import Celery, Task
from celery.signals import setup_logging
from django.apps import apps

from core import jobs
from core.doorbell import Doorbell

if not apps.ready:
    django.setup()

app = Celery("gigvora")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {
    job.name: {"task": job.name, "schedule": job.every, "options": {"expires": job.every.total_seconds()}}
    for job in jobs.jobs()
    if job.every is not None
}


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Celery would replace the handlers that Django's settings configured."""


def register(job: jobs.Job) -> None:
    """Make a declared job a task of workers."""

    @app.task(name=job.name, bind=True)
    def run(self: Task[..., None], *args: Any) -> None:
        jobs.perform(job.name, args, {"trace_id": (self.request.headers or {}).get("trace_id", "")})


for declared in jobs.jobs():
    register(declared)


class Breaker:
    """After a broker has failed, ring no bell for a while, so that its outage costs a request next to nothing."""

    PAUSE = 5.0  # seconds

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._closed_until = 0.0

    def ring(self, name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
        if monotonic() < self._closed_until:
            raise ConnectionError("The broker did not answer a moment ago.")
        try:
            self._celery.send_task(name, args=args, headers=headers, retry=False, ignore_result=True, expires=3600)
        except Exception:
            self._closed_until = monotonic() + self.PAUSE
            raise


ring = Doorbell(Breaker(app).ring).ring
