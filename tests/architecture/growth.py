"""Tables as they are after years: filled by `INSERT … SELECT generate_series`, which takes seconds and not hours.

Row `n` belongs to person `n % PEOPLE`, and is `n` minutes old. What is written for a test is not what services would
write; it has the shape that decides over plans: how much there is, how it is spread, and how little of it is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import NOT_PROVIDED, Field, Model

ROWS, PEOPLE = 100_000, 1_000
RARE = 499  # one row in so many is open, due or dead; prime, so that it is another person's each time
AGE = "(now() - n * interval '1 minute')"
# The newest rows are as old as this, and the oldest hundredth is older than the limit, whatever the retention.
OLDEST = 69  # days

_EMPTY: Mapping[str, str] = {
    "BigIntegerField": "0",
    "BinaryField": r"'\x00'::bytea",
    "BooleanField": "false",
    "CharField": "''",
    "DateField": "current_date",
    "DateTimeField": AGE,
    "EmailField": "''",
    "IntegerField": "0",
    "JSONField": "'{}'::jsonb",
    "PositiveBigIntegerField": "0",
    "PositiveIntegerField": "0",
    "PositiveSmallIntegerField": "0",
    "TextField": "''",
    "URLField": "''",
}


def numbered(kind: int, number: str = "n") -> str:
    """The id of a row, as SQL; later rows have later ids."""
    return f"('{kind:08x}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def id_of(kind: int, number: int) -> UUID:
    """The same id, for Python."""
    return UUID(f"{kind:08x}-0000-7000-8000-{number:012x}")


def one_in(word: str, other: str, every: int = RARE) -> str:
    return f"CASE WHEN n % {every} = 0 THEN '{word}' ELSE '{other}' END"


def hour_after(moment: str) -> str:
    return f"{moment} + interval '1 hour'"


def older_than(days: int) -> str:
    """Moments of which one in a hundred and fifty lies so many days back."""
    return f"({AGE} + interval '{OLDEST - days} days')"


PERSON = numbered(1, f"n % {PEOPLE}")
WORKSPACE = numbered(2, f"n % {PEOPLE}")
WHEN_RARE = f"n % {RARE} = 0"


@dataclass(frozen=True, slots=True)
class Grown:
    """A table, and how the columns of row `n` read where they are not empty."""

    model: str
    columns: Mapping[str, str]
    rows: int = ROWS

    @property
    def kind(self) -> type[Model]:
        return apps.get_model(self.model)

    def statement(self) -> str:
        fields: list[Any] = [field for field in self.kind._meta.local_concrete_fields if not field.generated]
        values = {field.column: self.columns.get(field.name) or _usual(field) for field in fields}
        known = {name: sql for name, sql in values.items() if sql}
        columns = ", ".join(f'"{column}"' for column in known)
        table = self.kind._meta.db_table
        series = f"generate_series(1, {self.rows}) AS n"
        chosen = ", ".join(known.values())
        return f'INSERT INTO "{table}" ({columns}) SELECT {chosen} FROM {series}'  # noqa: S608  nothing is anybody's


def _usual(field: "Field[Any, Any]") -> str:
    """An empty value; nothing at all where the database has one itself."""
    if field.null:
        return "NULL"
    if field.primary_key and field.get_internal_type() in {"AutoField", "BigAutoField"}:
        return ""
    if field.db_default is not NOT_PROVIDED:
        return ""
    if isinstance(field.default, str | int):
        return f"'{field.default}'"
    if field.get_internal_type() == "UUIDField":
        return "gen_random_uuid()"
    return _EMPTY[field.get_internal_type()]


def grow(tables: Mapping[str, Grown]) -> None:
    """Fill the tables in the caller's transaction, without triggers and checks between tables, and count them anew."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # no request writes as many rows
        cursor.execute("SET LOCAL session_replication_role = replica")
        for grown in tables.values():
            cursor.execute(grown.statement())
            cursor.execute(f'ANALYZE "{grown.kind._meta.db_table}"')
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("RESET statement_timeout")
