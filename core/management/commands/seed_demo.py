"""Fill a development database with believable accounts and data."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import autodiscover_modules
from rich.progress import Progress

from core.contributions.demo import demo_steps


class Command(BaseCommand):
    help = "Create the demo accounts and their data. Safe to run again; refuses to run in production."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENV.is_production:
            raise CommandError("Demo accounts have a published password: they must not exist in production.")
        autodiscover_modules("demo")
        with Progress(transient=True) as progress:
            for step in demo_steps():
                bar = progress.add_task(step.label, total=1.0)
                step.seed(lambda share, bar=bar: progress.update(bar, completed=share))  # type: ignore[misc]
                progress.update(bar, completed=1.0)
