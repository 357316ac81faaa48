"""Check the audit trail against its hash chain."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from access.chain import Head, head, verify
from access.models import AuditSeal


class Command(BaseCommand):
    help = "Find changed, deleted, inserted or re-ordered entries of the audit trail, and a cut or rewritten chain."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="POSITION:DIGEST",
            help="A head that access.seal_audit logged earlier. May be given more than once.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        anchors = [_anchor(text) for text in options["head"]]
        count = 0
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Verifying", total=AuditSeal.objects.count())
            for finding in verify(anchors, lambda done: bar.advance(task, done)):
                self.stdout.write(f"{finding.kind}: {finding.where}")
                count += 1
        if count:
            raise CommandError(f"The audit trail was tampered with: {count} findings.")
        self.stdout.write(f"The audit trail is whole. head={head()}")


def _anchor(text: str) -> Head:
    try:
        return Head.parse(text)
    except ValueError:
        raise CommandError(f"{text!r} is no head: write POSITION:DIGEST as logged.") from None
