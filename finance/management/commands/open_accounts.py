"""Open what workspaces have from the start where they lack it: `manage.py open_accounts`. May be run at any time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import Invalid
from finance.selectors import workspaces_without_accounts
from finance.services import open_first_accounts


class Command(BaseCommand):
    help = "Open the first accounts of workspaces that came into being without a registration, or before the ledger."

    def handle(self, *args: Any, **options: Any) -> None:
        opened, refused, last = 0, 0, None
        while found := workspaces_without_accounts(after=last):
            for workspace_id, currency in found:
                try:
                    open_first_accounts(workspace_id=workspace_id, currency=currency)
                    opened += 1
                except Invalid:
                    self.stderr.write(f"Workspace {workspace_id} has the currency {currency!r}, which there is not.")
                    refused += 1
            last = found[-1][0]
        self.stdout.write(f"{opened} workspaces have got accounts.")
        if refused:
            raise CommandError(f"{refused} workspaces have got none.")
