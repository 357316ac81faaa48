"""Django's PostgreSQL backend, with cheaper reading: no round trip before it, statements prepared, binary results.

Django's own cursors stay what they are; `core.db.binary` asks for the lean ones.
"""

from select import POLLIN, poll
from typing import Any

import orjson
import psycopg
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.pq import Format, TransactionStatus
from psycopg.types.net import InetBinaryLoader


class JsonbLoader(Loader):
    """Binary jsonb: one byte of version, then the text."""

    format = Format.BINARY

    def load(self, data: Buffer) -> Any:
        return orjson.loads(memoryview(data)[1:])


class InetLoader(InetBinaryLoader):
    """An address as text, which is how Django's fields hold it."""

    def load(self, data: Buffer) -> Any:
        return str(super().load(data))


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """For the query log. The driver forgets the text of what it had prepared, so that is logged as it was asked."""
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    _kept_cursor: CursorWrapper | None = None

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        adapters = AdaptersMap(parameters["context"])
        adapters.register_loader("jsonb", JsonbLoader)
        adapters.register_loader("inet", InetLoader)
        return {**parameters, "context": adapters}

    def is_usable(self) -> bool:
        """Whether the server still holds the line. If it hangs up, the idle socket is readable; only then ask it."""
        return self._is_quiet() or bool(super().is_usable())

    def _is_quiet(self) -> bool:
        connection = self.connection
        if connection is None or connection.closed or connection.info.transaction_status is not TransactionStatus.IDLE:
            return False
        line = poll()
        line.register(connection.fileno(), POLLIN)
        return not line.poll(0)

    def binary_rows(self, sql: str, parameters: Any) -> list[Any]:
        """The rows of a statement, whose values came in the binary format."""
        cursor = self._binary_cursor()
        cursor.execute(sql, parameters)
        with self.wrap_database_errors:
            rows: list[Any] = cursor.cursor.fetchall()
        return rows

    def binary_change(self, sql: str, parameters: Any) -> int:
        """How many rows a statement has written."""
        cursor = self._binary_cursor()
        cursor.execute(sql, parameters)
        return int(cursor.cursor.rowcount)

    def _binary_cursor(self) -> CursorWrapper:
        """A cursor with server-side parameters and binary results, whose frequent statements are prepared.

        One serves a connection for good, since making one costs as much as running a statement; whoever logs queries
        gets theirs anew.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.validate_thread_sharing()
        if self.queries_logged:
            return self._new_cursor()
        if self._kept_cursor is None or self._kept_cursor.cursor.connection is not self.connection:
            self._kept_cursor = self._new_cursor()
        return self._kept_cursor

    def _new_cursor(self) -> CursorWrapper:
        with self.wrap_database_errors:
            cursor = psycopg.Cursor(self.connection)
        cursor.format = Format.BINARY
        wrapped: CursorWrapper = self._prepare_cursor(cursor)  # type: ignore[attr-defined]
        return wrapped
