"""Write the documents that are generated from code, or tell which of them are out of date."""

import difflib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import autodiscover_modules

from core.contributions.catalogues import catalogue_pages


class Command(BaseCommand):
    help = "Write docs/generated/*.md from code; with --check only compare, and fail on a difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        autodiscover_modules("errors", "catalogue")
        folder = Path(settings.PROJECT_DIR) / "docs" / "generated"
        folder.mkdir(parents=True, exist_ok=True)
        stale = [
            page for page, render in catalogue_pages().items() if self._stale(folder / f"{page}.md", render(), check)
        ]
        if stale:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run `make docs`.")

    def _stale(self, path: Path, wanted: str, check: bool) -> bool:
        present = path.read_text() if path.exists() else ""
        if present == wanted:
            return False
        if not check:
            path.write_text(wanted)
            return False
        self.stdout.writelines(
            difflib.unified_diff(present.splitlines(True), wanted.splitlines(True), path.name, "code")
        )
        return True
