"""What has to work before this process should get traffic: everything asked in parallel, with little time for each.

A lost cache or broker slows us down and takes nothing away, so it is told and does not turn traffic away: if it
did, one lost Redis would take every process out of rotation at once. Apps above register what only they can know.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)

TIMEOUT = 0.8  # seconds for all checks together
FRESH = 1.0  # seconds for which an answer is shared, so that asking is no way to load the database

OK, FAILING, TIMED_OUT = "ok", "failing", "timeout"


@dataclass(frozen=True, slots=True)
class Check:
    """One condition: `holds` says true when it does; false, an exception or silence when it does not."""

    name: str
    holds: Callable[[], bool]
    required: bool = True


_registered: dict[str, Check] = {}


def register_check(name: str, holds: Callable[[], bool], *, required: bool = True) -> None:
    """Add a condition to readiness, from an `AppConfig.ready()`."""
    _registered[name] = Check(name, holds, required)


@dataclass(slots=True)
class Run:
    """A check at work in a thread of its own, with a database connection of its own."""

    check: Check
    state: str = TIMED_OUT
    finished_at: float = float("inf")
    done: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Run":
        threading.Thread(target=self._work, name=f"readiness-{self.check.name}", daemon=True).start()
        return self

    def is_current(self) -> bool:
        """Still at work, or just finished. A check that hangs is not started a second time beside itself."""
        return monotonic() - self.finished_at < FRESH

    def _work(self) -> None:
        try:
            self.state = OK if self.check.holds() else FAILING
        except Exception as error:  # whatever a dependency throws, it does not work
            self.state = FAILING
            logger.warning("Readiness: %s fails with %s.", self.check.name, type(error).__name__)
        finally:
            connection.close()
            self.finished_at = monotonic()
            self.done.set()


_runs: dict[str, Run] = {}
_lock = threading.Lock()


def run_checks() -> list[Run]:
    """Every check, finished or given up on, within `TIMEOUT` whatever hangs."""
    deadline = monotonic() + TIMEOUT
    with _lock:
        runs = [_current_run(check) for check in checks()]
    for run in runs:
        run.done.wait(max(0.0, deadline - monotonic()))
    return runs


def _current_run(check: Check) -> Run:
    former = _runs.get(check.name)
    if former is None or former.check != check or not former.is_current():
        _runs[check.name] = Run(check).start()
    return _runs[check.name]


def checks() -> list[Check]:
    own = [Check("database", _database_answers), Check("migrations", _Migrations.are_applied)]
    if settings.REDIS_URL:
        own.append(Check("cache", _cache_answers, required=False))
    if settings.CELERY_BROKER_URL:
        own.append(Check("broker", _broker_answers, required=False))
    return [*own, *_registered.values()]


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


class _Migrations:
    """Whether the database has what this code expects. Once it has, that stays, so it is asked only until then."""

    seen = False

    @classmethod
    def are_applied(cls) -> bool:
        if not cls.seen:
            executor = MigrationExecutor(connection)
            cls.seen = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return cls.seen


def _cache_answers() -> bool:
    import redis  # noqa: PLC0415  only where Redis is configured

    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5) as client:
        return bool(client.ping())


def _broker_answers() -> bool:
    from kombu import Connection  # noqa: PLC0415  only where a broker is configured

    with Connection(settings.CELERY_BROKER_URL, connect_timeout=0.5) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
        return True
