"""Where state lives: database, cache, files. SQLite, memory and disk unless the environment names better."""

from typing import Any

from config.settings.base import ENV

SQLITE_OPTIONS = {
    # A writer takes the lock at BEGIN and waits its turn, instead of failing half-way through.
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
}
POSTGRES_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "prepare_threshold": 5,  # PgBouncer keeps prepared statements since 1.21
    # An idle writer would hold the change feed's horizon back for everybody.
    "options": "-c statement_timeout=15s -c idle_in_transaction_session_timeout=30s -c lock_timeout=5s",
}
if ENV.database_pool_size:
    POSTGRES_OPTIONS["pool"] = {"min_size": 1, "max_size": ENV.database_pool_size, "timeout": 5}

USES_POSTGRES = "postgres" in ENV.database["ENGINE"]
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **ENV.database,
        **({"ENGINE": "core.db.postgresql"} if USES_POSTGRES else {}),
        "CONN_MAX_AGE": 0 if ENV.database_pool_size else None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": POSTGRES_OPTIONS if USES_POSTGRES else SQLITE_OPTIONS,
        # In memory, SQLite shares one cache between connections, which knows no busy timeout.
        "TEST": {} if USES_POSTGRES else {"NAME": str(ENV.home / "test.sqlite3")},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENV.redis_url
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "core.cache.ResilientRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 0.1, "socket_connect_timeout": 0.1},
        }
        if REDIS_URL
        else {"BACKEND": "core.cache.MemoryCache", "OPTIONS": {"MAX_ENTRIES": 50_000}}
    )
}
