"""Doing one thing after another where there is no row to lock."""

from django.db import connection


def take_turn(name: str) -> None:
    """Wait until nobody else does what is called `name`, and keep everybody else waiting until the transaction ends.

    Statements that follow see what those before have written. SQLite needs none of it: there a write transaction
    excludes every other.
    """
    assert connection.in_atomic_block, "A turn ends with its transaction."
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"explorer:{name}"])
