"""Triggers for PostgreSQL: one per statement and table, reading the statement's transition tables."""

from django.db import models

from core.contributions.feed import Tracked
from events.triggers.statements import Trigger, scope_columns

# Which rows a statement of each kind leaves behind, and which it found.
_KINDS = {
    "INSERT": ("new_rows",),
    "UPDATE": ("new_rows", "old_rows"),
    "DELETE": ("old_rows",),
}
_OPS = {"new_rows": "p", "old_rows": "d"}

_SELECT = """SELECT %(scope)s AS scope, "%(key)s" AS row_id, '%(op)s' AS op FROM %(rows)s WHERE %(where)s"""

# Rows are grouped instead of joined: a cached plan made for one row must serve a bulk write as well.
# `max(op)` prefers `p`, so a row that stays in its scope is put, and one that left it is deleted there.
# Rows are touched in one order, so that two statements cannot wait for each other.
_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH touched AS MATERIALIZED (
    SELECT scope, row_id, max(op) AS op FROM (%(rows)s) AS rows GROUP BY scope, row_id
  ), logged AS (
    INSERT INTO events_change (scope, collection, row_id, xid, seq, op)
    SELECT scope, '%(collection)s', row_id, pg_current_xact_id()::text::bigint, nextval('events_change_seq'), op
    FROM touched ORDER BY scope, row_id
    ON CONFLICT (scope, collection, row_id) DO UPDATE
    SET xid = excluded.xid, seq = excluded.seq, op = excluded.op, changed_at = excluded.changed_at
  )
  INSERT INTO events_increment (scope, collection, number)
  SELECT scope, '%(collection)s', 1 + floor(random() * 2147483647)::bigint FROM touched GROUP BY scope;
  RETURN NULL;
END $$"""

_REV_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.rev := OLD.rev + 1;
  IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
    NEW.updated_at := clock_timestamp();
  END IF;
  RETURN NEW;
END $$"""


def prepare() -> str:
    """What the triggers need beforehand."""
    return "CREATE SEQUENCE IF NOT EXISTS events_change_seq"


def feed_triggers(tracked: Tracked) -> list[Trigger]:
    """One trigger per kind of statement: PostgreSQL allows no transition tables for several at once."""
    return [_feed_trigger(tracked, kind, tables) for kind, tables in _KINDS.items()]


def rev_trigger(model: type[models.Model]) -> Trigger:
    """Counts `rev` up where a writer forgot to, such as a `queryset.update()`."""
    table = model._meta.db_table
    return Trigger.build(
        f"rev_{table}",
        table,
        _REV_FUNCTION,
        f'CREATE TRIGGER {{name}} BEFORE UPDATE ON "{table}" FOR EACH ROW'
        " WHEN (NEW.rev <= OLD.rev AND NEW.* *<> OLD.*) EXECUTE FUNCTION {name}()",
    )


def installed() -> str:
    """A query for `(trigger, table)` of all that are installed."""
    return (
        "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE tgname LIKE 'feed\\_%' AND NOT tgisinternal"
        " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    )


def drop(name: str) -> str:
    """Drops the trigger with its function."""
    return f"DROP FUNCTION {name}() CASCADE"


def _feed_trigger(tracked: Tracked, kind: str, tables: tuple[str, ...]) -> Trigger:
    table = tracked.model._meta.db_table
    selects = [select for rows in tables for select in _selects(tracked, rows)]
    referencing = " ".join(f"{rows[:3].upper()} TABLE AS {rows}" for rows in tables)
    return Trigger.build(
        f"{kind.lower()}_{tracked.collection}",
        table,
        _FUNCTION % {"rows": " UNION ALL ".join(selects), "collection": tracked.collection},
        f'CREATE TRIGGER {{name}} AFTER {kind} ON "{table}" REFERENCING {referencing}'
        " FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    )


def _selects(tracked: Tracked, rows: str) -> list[str]:
    """A query per scope for `(scope, row_id, op)` of one transition table; a null field stands for no scope."""
    selects = []
    for prefix, field in scope_columns(tracked):
        scope, where = (f"'{prefix}'", "true")
        if field is not None:
            scope, where = f"'{prefix}' || \"{field.column}\"", f'"{field.column}" IS NOT NULL'
        values = {"scope": scope, "where": where, "key": tracked.model._meta.pk.column, "op": _OPS[rows], "rows": rows}
        selects.append(_SELECT % values)
    return selects
