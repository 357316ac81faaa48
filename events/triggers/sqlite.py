"""Triggers for SQLite: one per row. There is one writer at a time, so a plain counter orders the feed."""

from django.db import models

from core.contributions.feed import Tracked
from events.triggers.statements import Trigger, is_uuid, scope_columns

_LOG = """
  INSERT INTO events_feed (id, epoch, last_seq) SELECT 1, lower(hex(randomblob(16))), 1 WHERE %(when)s
    ON CONFLICT (id) DO UPDATE SET last_seq = last_seq + 1;
  INSERT INTO events_change (scope, collection, row_id, xid, seq, op)
    SELECT %(scope)s, '%(collection)s', %(row)s, 0, last_seq, '%(op)s' FROM events_feed WHERE %(when)s
    ON CONFLICT (scope, collection, row_id) DO UPDATE
    SET seq = excluded.seq, op = excluded.op, changed_at = excluded.changed_at;
  INSERT INTO events_increment (scope, collection, number)
    SELECT %(scope)s, '%(collection)s', 0 WHERE %(when)s AND NOT EXISTS
      (SELECT 1 FROM events_increment WHERE scope = %(scope)s AND collection = '%(collection)s');
  UPDATE events_increment SET number = number + 1 + abs(random() %% 2147483647)
    WHERE %(when)s AND scope = %(scope)s AND collection = '%(collection)s';"""

_REV = """
  UPDATE "%(table)s" SET rev = OLD.rev + 1,
    updated_at = CASE WHEN NEW.updated_at IS OLD.updated_at
      THEN strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now') ELSE NEW.updated_at END
    WHERE "%(key)s" = NEW."%(key)s";"""


def prepare() -> str:
    """What the triggers need beforehand: nothing."""
    return "SELECT 1"


def feed_triggers(tracked: Tracked) -> list[Trigger]:
    return [
        _trigger(tracked, "INSERT", _logs(tracked, "NEW", "p")),
        _trigger(tracked, "UPDATE", _logs(tracked, "OLD", "d", left=True) + _logs(tracked, "NEW", "p")),
        _trigger(tracked, "DELETE", _logs(tracked, "OLD", "d")),
    ]


def rev_trigger(model: type[models.Model]) -> Trigger:
    """Counts `rev` up where a writer forgot to, such as a `queryset.update()`."""
    meta = model._meta
    changed = " OR ".join(f'NEW."{field.column}" IS NOT OLD."{field.column}"' for field in meta.local_concrete_fields)
    body = _REV % {"table": meta.db_table, "key": meta.pk.column}
    return Trigger.build(
        f"rev_{meta.db_table}",
        meta.db_table,
        f'CREATE TRIGGER {{name}} AFTER UPDATE ON "{meta.db_table}" FOR EACH ROW'
        f" WHEN NEW.rev <= OLD.rev AND ({changed})\nBEGIN{body}\nEND",
    )


def installed() -> str:
    """A query for `(trigger, table)` of all that are installed."""
    return "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'feed\\_%' ESCAPE '\\'"


def drop(name: str) -> str:
    return f"DROP TRIGGER {name}"


def _trigger(tracked: Tracked, kind: str, body: str) -> Trigger:
    table = tracked.model._meta.db_table
    return Trigger.build(
        f"{kind.lower()}_{tracked.collection}",
        table,
        f'CREATE TRIGGER {{name}} AFTER {kind} ON "{table}" FOR EACH ROW\nBEGIN{body}\nEND',
    )


def _logs(tracked: Tracked, side: str, op: str, *, left: bool = False) -> str:
    """The statements that log one side of a row in each of its scopes; `left` only where the scope changed."""
    row = f'{side}."{tracked.model._meta.pk.column}"'
    statements = []
    for prefix, field in scope_columns(tracked):
        if field is None:
            scope, when = f"'{prefix}'", "false" if left else "true"
        else:
            column = f'{side}."{field.column}"'
            scope = f"'{prefix}' || {_dashed(column) if is_uuid(field) else column}"
            when = f"{column} IS NOT NULL" + (f' AND {column} IS NOT NEW."{field.column}"' if left else "")
        statements.append(_LOG % {"scope": scope, "collection": tracked.collection, "row": row, "op": op, "when": when})
    return "".join(statements)


def _dashed(column: str) -> str:
    """A UUID as PostgreSQL writes it; Django's SQLite columns leave out the dashes."""
    starts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({column}, {start}, {length})" for start, length in starts)
