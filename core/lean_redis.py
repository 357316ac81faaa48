"""redis-py without what it does around every command: its own telemetry, retries and the pool took half of the time.

Each thread holds one connection for its commands, which ends with the thread; pipelines and subscriptions take theirs
from the pool as before.
OpenTelemetry's spans stay, since they are made around `execute_command`.
"""

import os
from threading import local
from typing import Any

from hiredis import pack_command
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError


class _Line(local):
    """The connection of a thread, and the process it was made in: a child process must not talk on its parent's."""

    connection: Any = None
    process = 0


class LeanRedis(Redis):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._line = _Line()

    def _execute_command(self, *args: Any, **options: Any) -> Any:
        name, *operands = args
        connection = self._ready()
        connection.send_packed_command([pack_command((*name.split(), *operands))], check_health=False)
        return self.parse_response(connection, name, **options)  # type: ignore[no-untyped-call]

    def _ready(self) -> Any:
        """This thread's connection; one on which the server has hung up, or said what nobody asked, is made anew."""
        line = self._line
        connection = line.connection
        if connection is None or line.process != os.getpid():
            # Not by the pool: it would count connections of threads that are gone, until it gave out no more.
            pool = self.connection_pool
            connection = line.connection = pool.connection_class(**pool.connection_kwargs)
            line.process = os.getpid()
        elif connection._sock is not None and not _is_quiet(connection):
            connection.disconnect()
        return connection


def _is_quiet(connection: Any) -> bool:
    try:
        return not connection.can_read()
    except RedisConnectionError:  # the end of the line is something to read as well
        return False
