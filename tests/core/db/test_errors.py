"""What the database says is translated by what it means to the caller, on both databases."""

import sqlite3
from typing import Any

import psycopg.errors
import pytest
from django.db import (
    DatabaseError,
    DataError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    utils,
)
from psycopg_pool import PoolTimeout

from accounts.models import User
from core.db.errors import as_app_error
from core.errors import BadRequest, Conflict, Unavailable


def raised(cause: BaseException) -> utils.Error:
    """The exception as Django hands it on, with the driver's behind it."""
    name = next(kind.__name__ for kind in type(cause).__mro__ if hasattr(utils, kind.__name__))
    error: utils.Error = getattr(utils, name)(str(cause))
    error.__cause__ = cause
    return error


def of_sqlite(name: str, kind: type[sqlite3.Error]) -> sqlite3.Error:
    error = kind("whatever it says")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("cause", "meaning"),
    [
        (psycopg.errors.UniqueViolation(), Conflict),
        (psycopg.errors.ExclusionViolation(), Conflict),
        (psycopg.errors.ForeignKeyViolation(), Conflict),
        (psycopg.errors.DeadlockDetected(), Conflict),
        (psycopg.errors.SerializationFailure(), Conflict),
        (psycopg.errors.LockNotAvailable(), Unavailable),
        (psycopg.errors.QueryCanceled(), Unavailable),
        (psycopg.errors.AdminShutdown(), Unavailable),
        (psycopg.errors.IdleInTransactionSessionTimeout(), Unavailable),
        (psycopg.errors.CannotConnectNow(), Unavailable),
        (psycopg.errors.TooManyConnections(), Unavailable),
        (psycopg.errors.DiskFull(), Unavailable),
        (psycopg.errors.ReadOnlySqlTransaction(), Unavailable),
        (psycopg.errors.ConnectionFailure(), Unavailable),
        (psycopg.OperationalError("connection refused"), Unavailable),
        (psycopg.InterfaceError("the connection is closed"), Unavailable),
        (PoolTimeout("couldn't get a connection after 5.00 sec"), Unavailable),
        (psycopg.errors.NumericValueOutOfRange(), BadRequest),
        (psycopg.errors.CharacterNotInRepertoire(), BadRequest),
        (psycopg.errors.NotNullViolation(), type(None)),
        (psycopg.errors.CheckViolation(), type(None)),
        (psycopg.errors.UndefinedTable(), type(None)),
        (psycopg.errors.RaiseException(), type(None)),
        (of_sqlite("SQLITE_CONSTRAINT_UNIQUE", sqlite3.IntegrityError), Conflict),
        (of_sqlite("SQLITE_CONSTRAINT_PRIMARYKEY", sqlite3.IntegrityError), Conflict),
        (of_sqlite("SQLITE_CONSTRAINT_FOREIGNKEY", sqlite3.IntegrityError), Conflict),
        (of_sqlite("SQLITE_CONSTRAINT_CHECK", sqlite3.IntegrityError), type(None)),
        (of_sqlite("SQLITE_BUSY", sqlite3.OperationalError), Unavailable),
        (of_sqlite("SQLITE_BUSY_SNAPSHOT", sqlite3.OperationalError), Unavailable),
        (of_sqlite("SQLITE_LOCKED", sqlite3.OperationalError), Unavailable),
        (of_sqlite("SQLITE_IOERR_WRITE", sqlite3.OperationalError), Unavailable),
        (of_sqlite("SQLITE_FULL", sqlite3.OperationalError), Unavailable),
        (of_sqlite("SQLITE_ERROR", sqlite3.OperationalError), type(None)),
    ],
    ids=lambda value: getattr(value, "sqlite_errorname", None) or type(value).__name__,
)
def test_as_app_error__driver_error__what_it_means(cause: BaseException, meaning: type[Any]) -> None:
    assert type(as_app_error(raised(cause))) is meaning


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (OperationalError("never connected"), Unavailable),
        (InterfaceError("closed"), Unavailable),
        (InternalError("lost synchronization with server"), Unavailable),
        (DataError("out of range"), BadRequest),
        (ProgrammingError("our fault"), type(None)),
        (DatabaseError("who knows"), type(None)),
    ],
)
def test_as_app_error__without_a_cause__by_kind(error: utils.Error, meaning: type[Any]) -> None:
    assert type(as_app_error(error)) is meaning


@pytest.mark.django_db
def test_as_app_error__real_unique_violation__conflict() -> None:
    User.objects.create(email="a@example.com")

    with pytest.raises(utils.IntegrityError) as violated:
        User.objects.create(email="a@example.com")

    assert type(as_app_error(violated.value)) is Conflict


@pytest.mark.django_db
def test_as_app_error__real_missing_table__ours() -> None:
    with pytest.raises(utils.DatabaseError) as failed, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")

    assert as_app_error(failed.value) is None
