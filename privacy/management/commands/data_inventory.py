"""Write the data inventory, for people or as JSON."""

from typing import Any

import orjson
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from privacy import inventory


class Command(BaseCommand):
    help = "Write docs/generated/data_inventory.md from the apps' declarations; with --json print it for machines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        if json:
            listed = [entry.as_json() for entry in inventory.entries()]
            self.stdout.write(orjson.dumps(listed, option=orjson.OPT_INDENT_2).decode())
            return
        call_command("catalogues")
