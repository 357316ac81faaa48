"""What the database refuses, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from finance import append_only
from finance.models import Account, Posting, Transaction

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("change", ["UPDATE finance_posting SET amount = amount + 1", "DELETE FROM finance_posting"])
def test_posting__changed_with_plain_sql__is_refused(wallet: Account, change: str) -> None:
    append_only.protect()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite checks nothing at the end of a transaction")
def test_postings__unbalanced_past_the_ledger__are_refused_at_commit(wallet: Account) -> None:
    with pytest.raises(IntegrityError, match="unbalanced"), transaction.atomic():
        _write_one_side(wallet)


def _write_one_side(wallet: Account) -> None:
    at = Posting.objects.get(account=wallet).posted_at
    made = Transaction.objects.create(kind="payment", category="gig", posted_at=at)
    Posting.objects.create(
        transaction=made, account=wallet, number=99, amount=5, currency="USD", balance=5, posted_at=at
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as a commit would
