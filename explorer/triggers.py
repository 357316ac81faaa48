"""What the database does by itself: it counts what people do with listings, and keeps them searchable.

Installed after every `migrate` and not by a migration, because SQLite rebuilds a table to alter it and drops its
triggers on the way.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connections

from explorer.models import Application, Engagement, Listing, Tally, Term
from explorer.search import postgres, sqlite

_TABLES = {model._meta.db_table for model in (Application, Engagement, Listing, Tally, Term)}


class _Counting(NamedTuple):
    """One trigger: when a row of a table comes or goes, its listing counts more or less of a kind."""

    name: str
    event: str
    when: str
    kind: str
    number: int
    side: str


_LEFT, _BACK = (
    "OLD.status <> 'withdrawn' AND NEW.status = 'withdrawn'",
    "OLD.status = 'withdrawn' AND NEW.status <> 'withdrawn'",
)
_COUNTINGS = (
    _Counting("engaged", "INSERT ON explorer_engagement", "NEW.kind <> 'pass'", "NEW.kind", 1, "NEW"),
    _Counting("disengaged", "DELETE ON explorer_engagement", "OLD.kind <> 'pass'", "OLD.kind", -1, "OLD"),
    _Counting("applied", "INSERT ON explorer_application", "NEW.status <> 'withdrawn'", "'apply'", 1, "NEW"),
    _Counting("unapplied", "DELETE ON explorer_application", "OLD.status <> 'withdrawn'", "'apply'", -1, "OLD"),
    _Counting("withdrawn", "UPDATE OF status ON explorer_application", _LEFT, "'apply'", -1, "NEW"),
    _Counting("reapplied", "UPDATE OF status ON explorer_application", _BACK, "'apply'", 1, "NEW"),
)


def install(using: str = "default", **kwargs: Any) -> None:
    """Install what is missing. Runs after every `migrate`."""
    connection = connections[using]
    if _TABLES - set(connection.introspection.table_names()):
        return
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for statement in (*_counting(is_postgres), *(postgres if is_postgres else sqlite).installation()):
            cursor.execute(statement)


def _counting(is_postgres: bool) -> Iterator[str]:
    for each in _COUNTINGS:
        name = f"explorer_count_{each.name}"
        values = f"{each.side}.listing_id, {each.kind}, {each.number}"
        body = f"INSERT INTO explorer_tally (listing_id, kind, number) VALUES ({values});"  # noqa: S608  constants
        trigger = f"AFTER {each.event} FOR EACH ROW WHEN ({each.when})"
        if is_postgres:
            yield (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN {body} RETURN NULL; END $$"
            )
            yield f"CREATE OR REPLACE TRIGGER {name} {trigger} EXECUTE FUNCTION {name}()"
        else:
            yield f"DROP TRIGGER IF EXISTS {name}"
            yield f"CREATE TRIGGER {name} {trigger} BEGIN {body} END"
