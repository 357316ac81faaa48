"""The one place that reads environment variables.

Everything else reads Django settings. Each variable is described in `.env.example`.
"""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.keys import development_secret, development_signing_key

BASE_DIR = Path(__file__).resolve().parent.parent


class Stage(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Process(StrEnum):
    """Which part of the platform this process serves; `ALL` is the embedded default."""

    ALL = "all"
    WEB = "web"
    REALTIME = "realtime"
    ADMIN = "admin"
    WORKER = "worker"
    BEAT = "beat"


@dataclass(frozen=True, slots=True)
class Environment:
    stage: Stage
    release: str
    process: Process
    home: Path
    drain_file: Path
    host: str
    port: int
    workers: int
    public_base_url: str
    secret_key: str
    signing_keys: tuple[str, ...]
    token_pepper: str
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    cors_extra_origins: tuple[str, ...]
    rate_limit_scale: float
    staff_path: str
    database: dict[str, Any]
    database_pool_size: int
    redis_url: str
    celery_broker_url: str
    email: dict[str, Any] | None
    metrics_token: str
    sentry_dsn: str
    otlp_endpoint: str
    log_level: str

    @property
    def is_production(self) -> bool:
        return self.stage is Stage.PRODUCTION

    @property
    def serves_api(self) -> bool:
        return self.process is not Process.ADMIN

    @property
    def serves_staff(self) -> bool:
        return self.process in {Process.ALL, Process.ADMIN}


def read_environment() -> Environment:
    """Read and check the process environment.

    Raises:
        ImproperlyConfigured: a production process without a secret, a signing key or hosts.
    """
    env = environ.Env()
    stage = Stage(env.str("ENVIRONMENT", default=Stage.DEVELOPMENT))
    home = Path(env.str("GIGVORA_HOME", default=str(BASE_DIR / "var"))).resolve()
    port = env.int("PORT", default=8000)
    process = Process(env.str("GIGVORA_PROCESS", default=Process.ALL))
    redis_url = env.str("REDIS_URL", default="")
    secret_key = _secret(env, "SECRET_KEY", stage) or development_secret(home)
    return Environment(
        stage=stage,
        release=env.str("GIGVORA_RELEASE", default="development"),
        process=process,
        home=home,
        drain_file=Path(env.str("DRAIN_FILE", default="") or home / "draining"),
        host=env.str("HOST", default="0.0.0.0" if stage is Stage.PRODUCTION else "127.0.0.1"),  # noqa: S104
        port=port,
        workers=env.int("WEB_CONCURRENCY", default=os.cpu_count() or 1),
        public_base_url=env.str("PUBLIC_BASE_URL", default=f"http://localhost:{port}").rstrip("/"),
        secret_key=secret_key,
        signing_keys=_signing_keys(env, stage, home),
        token_pepper=env.str("TOKEN_PEPPER", default="") or secret_key,
        allowed_hosts=_allowed_hosts(env, stage, process),
        trusted_proxies=tuple(env.list("TRUSTED_PROXIES", default=[])),
        cors_extra_origins=tuple(env.list("CORS_EXTRA_ORIGINS", default=[])),
        rate_limit_scale=env.float("RATE_LIMIT_SCALE", default=1.0),
        staff_path=env.str("STAFF_PATH", default="admin").strip("/") + "/",
        database=_database(env, home),
        database_pool_size=env.int("DATABASE_POOL_SIZE", default=0),
        redis_url=redis_url,
        celery_broker_url=env.str("CELERY_BROKER_URL", default=redis_url),
        email=env.email_url("EMAIL_URL") if env.str("EMAIL_URL", default="") else None,
        metrics_token=env.str("METRICS_TOKEN", default=""),
        sentry_dsn=env.str("SENTRY_DSN", default=""),
        otlp_endpoint=env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default=""),
        log_level=env.str("LOG_LEVEL", default="INFO").upper(),
    )


def _secret(env: environ.Env, name: str, stage: Stage) -> str:
    value = str(env.str(name, default=""))
    if stage is Stage.PRODUCTION and not value:
        raise ImproperlyConfigured(f"{name} must be set when ENVIRONMENT=production.")
    return value


def _signing_keys(env: environ.Env, stage: Stage, home: Path) -> tuple[str, ...]:
    """PEM private keys (P-256), newest first; older ones only verify."""
    joined = _secret(env, "JWT_SIGNING_KEYS", stage).replace("\\n", "\n")
    keys = tuple(part.strip() + "\n" for part in joined.split(";") if part.strip())
    return keys or (development_signing_key(home),)


def _allowed_hosts(env: environ.Env, stage: Stage, process: Process) -> tuple[str, ...]:
    hosts = tuple(env.list("ALLOWED_HOSTS", default=[]))
    if stage is Stage.PRODUCTION and not hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS must be set when ENVIRONMENT=production.")
    tunnel = ("localhost",) if process is Process.ADMIN else ()  # staff screens have no public address
    return (*hosts, *tunnel) if hosts else ("*",)


def _database(env: environ.Env, home: Path) -> dict[str, Any]:
    if env.str("DATABASE_URL", default=""):
        return dict(env.db_url("DATABASE_URL"))
    home.mkdir(parents=True, exist_ok=True)
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home / "gigvora.sqlite3")}
