"""Emptying the database between transactional tests."""

from typing import Any

from django.db import connection

_DELETE = """
DO $$
DECLARE emptied text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOREACH emptied IN ARRAY ARRAY[{tables}] LOOP EXECUTE format('DELETE FROM %I', emptied); END LOOP;
END $$
"""


def delete_instead_of_truncating() -> None:
    """Spare PostgreSQL two new files for each table and index: of the few rows of a test, nearly all tables hold none.

    Unlike TRUNCATE it waits for nobody: what another connection commits later stays for the next test to trip over.
    Only superusers may switch off triggers and foreign keys meanwhile; others go on as Django does.
    """
    if connection.vendor != "postgresql" or not _is_superuser():
        return

    def sql_flush(style: Any, tables: list[str], **_: Any) -> list[str]:
        return [_DELETE.format(tables=", ".join(f"'{table}'" for table in tables))] if tables else []

    operations: Any = connection.ops
    operations.sql_flush = sql_flush


def _is_superuser() -> bool:
    connection.ensure_connection()
    return bool(connection.connection.info.parameter_status("is_superuser") == "on")
