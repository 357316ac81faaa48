"""Counting what a block asks of the database, with the statements at hand for the failure's message."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection
from django.test.utils import CaptureQueriesContext

_TRANSACTION = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


@dataclass(slots=True)
class Counted:
    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        """What SQLite would be asked, which takes the rows of each model by themselves."""
        return sum(1 + statement.count(" AS (INSERT ") for statement in self.statements)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {sql}" for number, sql in enumerate(self.statements, start=1))


@contextmanager
def counted_queries() -> Iterator[Counted]:
    """Collect the statements of a block, without those that only open or close transactions."""
    counted = Counted()
    with CaptureQueriesContext(connection) as captured:
        yield counted
    counted.statements += [
        query["sql"] for query in captured.captured_queries if not query["sql"].startswith(_TRANSACTION)
    ]
