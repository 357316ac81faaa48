"""Locks on a name, held until the transaction ends."""

from hashlib import blake2b

from django.db import connection


def try_lock(name: str) -> bool:
    """Take the lock on `name` if it is free, without waiting."""
    return _taken("SELECT pg_try_advisory_xact_lock(%s)", name) is not False


def wait_lock(name: str) -> None:
    """Take the lock on `name`, once nobody else has it. Later statements see what its former holders have written."""
    _taken("SELECT pg_advisory_xact_lock(%s)", name)


def _taken(sql: str, name: str) -> object:
    """What PostgreSQL answers. SQLite needs no such lock: there a write transaction already excludes every other."""
    assert connection.in_atomic_block, "A lock on a name ends with its transaction."
    if connection.vendor != "postgresql":
        return None
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(sql, [number])
        return cursor.fetchone()[0]
