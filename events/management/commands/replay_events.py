"""Give deliveries that were given up another try."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from events import selectors, services
from events.models import Delivery


class Command(BaseCommand):
    help = "Replay parked deliveries, of all subscribers or of one; with --list only show how many there are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--subscriber", help="Only this subscriber's deliveries.")
        parser.add_argument("--list", action="store_true", help="Show what waits and what is parked, and do nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for load in selectors.subscriber_loads():
                self.stdout.write(f"{load.subscriber}: {load.pending} pending, {load.dead} parked")
            return
        parked = Delivery.objects.all()
        if options["subscriber"]:
            parked = parked.filter(subscriber=options["subscriber"])
        self.stdout.write(f"{services.replay(deliveries=parked)} deliveries will be tried again.")
