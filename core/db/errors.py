"""What the database refuses or fails to do, as errors of ours: mapped once, here."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DataError, Error, InterfaceError, InternalError, OperationalError

from core.errors import AppError, BadRequest, Conflict, Unavailable

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONFLICTS = {
    "23503",  # foreign key: the other row has gone meanwhile
    "23505",  # unique
    "23P01",  # exclusion
    "40001",  # serialization failure
    "40P01",  # deadlock, which is how some lost races end
}
_BUSY = {
    "25006",  # a standby that has not been promoted yet
    "25P03",  # a transaction left idle for too long, ended by the server
    "25P04",  # a transaction that took too long, likewise
    "55P03",  # a lock not granted in time
    "57014",  # statement timeout
}
_BUSY_CLASSES = {"08", "53", "57", "58"}  # connection, resources, operator intervention, system

_SQLITE_CONFLICTS = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_FOREIGNKEY"}
_SQLITE_BUSY = {"BUSY", "LOCKED", "IOERR", "CANTOPEN", "FULL", "INTERRUPT", "READONLY", "NOMEM", "PROTOCOL"}


def sqlstate(error: Error) -> str:
    return str(getattr(error.__cause__, "sqlstate", None) or "")


def as_app_error(error: Error) -> AppError | None:
    """The error a client should see, or `None` where the fault is ours.

    Unique and exclusion violations and lost races are conflicts; locks not granted in time, restarts and
    lost connections are passing, so the client may try again.
    """
    if isinstance(error, DataError):
        return BadRequest("A value is out of range.")
    sqlite = str(getattr(error.__cause__, "sqlite_errorname", ""))
    return _of_sqlite(sqlite) if sqlite else _of_postgres(error, sqlstate(error))


def _of_postgres(error: Error, state: str) -> AppError | None:
    if state in _CONFLICTS:
        return Conflict()
    if state in _BUSY or state[:2] in _BUSY_CLASSES:
        return Unavailable()
    if not state and isinstance(error, OperationalError | InterfaceError | InternalError):
        return Unavailable()  # it never got to an answer
    return None


def _of_sqlite(name: str) -> AppError | None:
    if name in _SQLITE_CONFLICTS:
        return Conflict()
    return Unavailable() if name.split("_")[1] in _SQLITE_BUSY else None


@contextmanager
def conflict_as(told: type[Conflict]) -> Iterator[None]:
    """Raise `told` where the database finds a conflict, or ends a lost race as one.

    Goes around the transaction, as nothing can be done in one that has failed.
    """
    try:
        yield
    except Error as error:
        if type(as_app_error(error)) is Conflict:
            raise told from error
        raise
