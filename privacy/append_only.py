"""The database refuses to change what people said. Deleting stays possible, because one day nobody may keep it.

Installed after every `migrate`, because SQLite drops triggers when it rebuilds a table.
"""

from typing import Any

from django.db import connections

from privacy.models import ConsentEntry

TABLE = ConsentEntry._meta.db_table

_POSTGRES = (
    """
CREATE OR REPLACE FUNCTION privacy_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger of consents is append-only' USING ERRCODE = 'insufficient_privilege'; END $$
""",
    f"""
CREATE OR REPLACE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE}
FOR EACH ROW EXECUTE FUNCTION privacy_refuse_change()
""",
)
_SQLITE = (
    f"""
CREATE TRIGGER IF NOT EXISTS {TABLE}_no_update BEFORE UPDATE ON {TABLE}
BEGIN SELECT RAISE(ABORT, 'the ledger of consents is append-only'); END
""",
)


def protect(using: str = "default", **kwargs: Any) -> None:
    """Install the trigger where it is missing."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in _POSTGRES if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)
