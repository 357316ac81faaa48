"""Tables whose rows the database itself refuses to change, whoever asks.

Triggers are installed after every `migrate` and not by a migration, because SQLite rebuilds a table to alter it and
drops its triggers on the way. Whoever owns the database can remove them.
"""

from collections.abc import Iterator

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$
"""
_POSTGRES = """
CREATE OR REPLACE TRIGGER {table}_no_{change} BEFORE {change} ON {table}
FOR EACH ROW {when} EXECUTE FUNCTION refuse_change()
"""
_POSTGRES_TRUNCATE = """
CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{change} BEFORE {change} ON {table} {when}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def triggers(vendor: str, table: str, *, update_when: str = "") -> Iterator[str]:
    """The statements that make a table append-only; safe to run again.

    `update_when` (`WHEN (…)`) limits which updates are refused.
    """
    template = _POSTGRES if vendor == "postgresql" else _SQLITE
    if vendor == "postgresql":
        yield _FUNCTION
        yield _POSTGRES_TRUNCATE.format(table=table)
    yield template.format(table=table, change="update", when=update_when)
    yield template.format(table=table, change="delete", when="")
