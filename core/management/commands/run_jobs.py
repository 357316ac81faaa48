"""Run background jobs in a process of their own, without a broker."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.runner import run_until


class Command(BaseCommand):
    help = "Run background jobs until SIGTERM or SIGINT, then finish those that run. Needs no broker."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED_JOBS:
            raise CommandError("A broker is configured: start `celery --app config.celery worker` instead.")
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write("Running jobs.")
        run_until(stopping)
