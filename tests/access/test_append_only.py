import pytest
from django.db import DatabaseError, connection, transaction

from access import append_only
from access.models import AuditEntry, AuditSeal
from access.services import record

CHANGES = ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"]
TABLES = [(AuditEntry._meta.db_table, "reason"), (AuditSeal._meta.db_table, "position")]


@pytest.fixture
def _protected(db: None) -> None:
    append_only.protect()
    append_only.protect()  # safe to run again
    record(action="login.success", outcome="success")
    entry = AuditEntry.objects.get()
    AuditSeal.objects.create(position=1, entry_id=entry.id, digest=b"x" * 32)


@pytest.mark.usefixtures("_protected")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", TABLES)
def test_trail__changed_with_plain_sql__is_refused_by_the_database(change: str, table: tuple[str, str]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table=table[0], column=table[1]))

    assert (AuditEntry.objects.count(), AuditSeal.objects.count()) == (1, 1)


@pytest.mark.usefixtures("_protected")
@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_trail__truncated__is_refused_by_the_database() -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {AuditEntry._meta.db_table}")


@pytest.mark.usefixtures("_protected")
def test_trail__changed_through_the_orm__is_refused_by_the_database() -> None:
    entry = AuditEntry.objects.get()
    entry.reason = "nothing happened"

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete()
