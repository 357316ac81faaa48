"""What the database refuses or fails to do, as errors of ours: mapped once, here."""

from django.db import DatabaseError, IntegrityError, OperationalError

from core.errors import AppError, Conflict, Unavailable

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONFLICTS = {"23505", "23P01", "40P01", "40001"}
_BUSY = {"55P03", "57014", "53300", "57P01", "57P02", "57P03", "08000", "08003", "08006", "08001"}


def sqlstate(error: DatabaseError) -> str:
    return str(getattr(error.__cause__, "sqlstate", None) or "")


def as_app_error(error: DatabaseError) -> AppError | None:
    """The error a client should see, or `None` where the fault is ours.

    Unique and exclusion violations and lost races are conflicts; locks not granted in time, restarts and
    lost connections are passing, so the client may try again.
    """
    state = sqlstate(error)
    if state in _CONFLICTS or _is_sqlite_unique(error):
        return Conflict()
    if state in _BUSY or isinstance(error, OperationalError):
        return Unavailable()
    return None


def _is_sqlite_unique(error: DatabaseError) -> bool:
    return isinstance(error, IntegrityError) and "UNIQUE constraint failed" in str(error)
