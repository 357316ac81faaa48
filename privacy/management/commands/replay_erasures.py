"""After a backup was restored: erase again everybody who was erased since it was made."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from privacy.services import erasing, replaying


class Command(BaseCommand):
    help = "Erase again whom a restored backup brought back, by the tombstones and the journal in the private storage."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only-schedule", action="store_true", help="Leave the erasing to a worker.")

    def handle(self, *args: Any, only_schedule: bool, **options: Any) -> None:
        found = replaying.replay()
        if not only_schedule:
            erasing.erase_due(seconds=float("inf"))
        left = replaying.unfinished()
        self.stdout.write(f"{found} people are back who were erased. {left} of all erasures go on in the background.")
