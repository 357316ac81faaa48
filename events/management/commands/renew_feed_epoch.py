"""Void every sync cursor after this database was restored or copied from another one."""

from typing import Any

from django.core.management.base import BaseCommand

from events import selectors, services


class Command(BaseCommand):
    help = "Renew the change feed's epoch, so that every client starts over. Run it after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        services.renew_epoch()
        self.stdout.write(f"The change feed's epoch is now {selectors.feed_state().epoch}.")
