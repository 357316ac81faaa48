"""Installing the triggers that write the change feed and guard `rev`, after every `migrate`.

Not in migrations: SQLite drops a table's triggers whenever it rebuilds the table, and a declaration may change
without any schema change.
"""

from collections.abc import Callable
from types import ModuleType

from django.db import connection, transaction

from core.contributions.feed import tracked_collections
from events.triggers import postgres, sqlite
from events.triggers.statements import Trigger, models_with_rev


def wanted() -> list[Trigger]:
    """Every trigger that the declarations ask for, of tables that exist."""
    dialect = _dialect()
    triggers = [trigger for tracked in tracked_collections() for trigger in dialect.feed_triggers(tracked)]
    triggers += [dialect.rev_trigger(model) for model in models_with_rev()]
    tables = set(connection.introspection.table_names())
    return [trigger for trigger in triggers if trigger.table in tables]


def installed() -> dict[str, str]:
    """Installed triggers of ours: name -> table."""
    with connection.cursor() as cursor:
        cursor.execute(_dialect().installed())
        return dict(cursor.fetchall())


def install() -> None:
    """Create what is missing and drop what is out of date, in one transaction."""
    dialect, present = _dialect(), installed()
    triggers = {trigger.name: trigger for trigger in wanted()}
    stale, missing = present.keys() - triggers.keys(), triggers.keys() - present.keys()
    if not stale and not missing:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        _run(cursor.execute, [dialect.prepare(), *map(dialect.drop, sorted(stale))])
        for name in sorted(missing):
            _run(cursor.execute, triggers[name].create)


def _run(execute: Callable[[str], object], statements: list[str] | tuple[str, ...]) -> None:
    for statement in statements:
        execute(statement)


def _dialect() -> ModuleType:
    return postgres if connection.vendor == "postgresql" else sqlite
