"""Waiting until the change feed may hand out what was just committed."""

from time import monotonic, sleep

from django.db import connection


def wait_for_horizon(*, timeout: float = 5.0) -> None:
    """Return when every transaction begun so far has ended; at once on SQLite.

    Raises:
        TimeoutError: some transaction is still open.
    """
    if connection.vendor != "postgresql":
        return
    assert not connection.in_atomic_block, "This transaction would hold the horizon back itself."
    begun = _number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    deadline = monotonic() + timeout
    while _number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint") < begun:
        if monotonic() > deadline:
            raise TimeoutError("A transaction is still open.")
        sleep(0.002)


def _number(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
