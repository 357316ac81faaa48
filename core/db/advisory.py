"""Locks on a name, held until the transaction ends."""

from hashlib import blake2b

from django.db import connection


def try_lock(name: str) -> bool:
    """Take the lock on `name` if it is free, without waiting.

    SQLite needs none: there a write transaction already excludes every other.
    """
    assert connection.in_atomic_block, "A lock on a name ends with its transaction."
    if connection.vendor != "postgresql":
        return True
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])
