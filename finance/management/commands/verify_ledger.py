"""Check that no balance has drifted and no transaction is unbalanced: `manage.py verify_ledger`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finance.selectors import find_drift, find_unbalanced


class Command(BaseCommand):
    help = "Check that every balance is the sum of its postings, and every transaction sums to zero."

    def handle(self, *args: Any, **options: Any) -> None:
        drift, unbalanced = find_drift(), find_unbalanced()
        for account_id, balance, total in drift:
            self.stderr.write(f"Account {account_id} says {balance}, its postings {total}.")
        for transaction_id in unbalanced:
            self.stderr.write(f"Transaction {transaction_id} does not sum to zero.")
        if drift or unbalanced:
            raise CommandError(f"{len(drift)} accounts and {len(unbalanced)} transactions are wrong.")
        self.stdout.write("Every balance is the sum of its postings, and every transaction sums to zero.")
