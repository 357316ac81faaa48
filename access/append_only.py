"""The database itself refuses to change the audit trail, whoever asks.

Triggers are installed after every `migrate` and not by a migration, because SQLite rebuilds a table to alter
it and drops its triggers on the way. Whoever owns the database can remove them; the hash chain tells then.
"""

from typing import Any

from django.db import connections

from access.models import AuditEntry, AuditSeal

TABLES = (AuditEntry._meta.db_table, AuditSeal._meta.db_table)

_FUNCTION = """
CREATE OR REPLACE FUNCTION access_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege'; END $$
"""
_POSTGRES = """
CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION access_refuse_change()
"""
_POSTGRES_TRUNCATE = """
CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION access_refuse_change()
"""
_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{change} BEFORE {change} ON {table}
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""


def protect(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers that are missing. Runs after every `migrate`."""
    connection = connections[using]
    if not set(TABLES) <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def _statements(vendor: str) -> list[str]:
    if vendor == "postgresql":
        triggers = [sql.format(table=table) for table in TABLES for sql in (_POSTGRES, _POSTGRES_TRUNCATE)]
        return [_FUNCTION, *triggers]
    return [_SQLITE.format(table=table, change=change) for table in TABLES for change in ("update", "delete")]
