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

from config.keys import development_pins, development_secret, development_signing_key

CORES = os.cpu_count() or 1
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
class AppLinking:
    """Which apps belong to this host, and what they are told of it."""

    apple_team_id: str
    apple_bundle_ids: tuple[str, ...]
    apple_app_clip_ids: tuple[str, ...]
    android_packages: tuple[str, ...]
    android_certificate_fingerprints: tuple[str, ...]
    certificate_pins: tuple[str, ...]
    pin_signing_key: str
    security_contacts: tuple[str, ...]
    security_policy_url: str
    security_txt_file: str


@dataclass(frozen=True, slots=True)
class SocialSignIn:
    """Who may vouch for people, and as which clients they know us. A provider without client ids is not offered."""

    apple_issuer: str
    apple_client_ids: tuple[str, ...]  # platform:client_id, as are Google's
    apple_key_id: str
    apple_private_key: str
    apple_redirect_uri: str
    google_issuer: str
    google_client_ids: tuple[str, ...]
    facebook_issuer: str
    facebook_graph_url: str
    facebook_app_id: str
    facebook_app_secret: str


@dataclass(frozen=True, slots=True)
class DeviceTrust:
    """By whose word devices are trusted; which apps are ours is told by `AppLinking`."""

    allows_development: bool
    devicecheck_key: str
    devicecheck_key_id: str
    play_decryption_key: str
    play_verification_key: str
    play_service_account: str
    review_accounts: tuple[str, ...]
    review_builds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observability:
    """Where what is seen of the platform goes."""

    metrics_token: str
    sentry_dsn: str
    otlp_endpoint: str
    log_level: str


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
    staff_needs_second_factor: bool
    gateway_public_keys: tuple[str, ...]
    linking: AppLinking
    passkey_rp_id: str
    passkey_origins: tuple[str, ...]
    social: SocialSignIn
    device_trust: DeviceTrust
    database: dict[str, Any]
    database_pool_size: int
    redis_url: str
    celery_broker_url: str
    email: dict[str, Any] | None
    reference_rates_file: str
    launchdarkly: dict[str, str]
    outbound_ca_file: str
    outbound_private_hosts: tuple[str, ...]
    observability: Observability

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

    Raises: ImproperlyConfigured, for a production process without a secret, a signing key or hosts.
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
        workers=env.int("WEB_CONCURRENCY", default=CORES),
        public_base_url=env.str("PUBLIC_BASE_URL", default=f"http://localhost:{port}").rstrip("/"),
        secret_key=secret_key,
        signing_keys=_signing_keys(env, stage, home),
        token_pepper=env.str("TOKEN_PEPPER", default="") or secret_key,
        allowed_hosts=_allowed_hosts(env, stage, process),
        trusted_proxies=tuple(env.list("TRUSTED_PROXIES", default=[])),
        cors_extra_origins=tuple(env.list("CORS_EXTRA_ORIGINS", default=[])),
        rate_limit_scale=env.float("RATE_LIMIT_SCALE", default=1.0),
        staff_needs_second_factor=env.bool("STAFF_NEEDS_SECOND_FACTOR", default=stage is Stage.PRODUCTION),
        staff_path=env.str("STAFF_PATH", default="admin").strip("/") + "/",
        gateway_public_keys=_pems(env.str("GATEWAY_PUBLIC_KEYS", default="")),
        linking=_linking(env, stage, home),
        passkey_rp_id=env.str("PASSKEY_RP_ID", default=""),
        passkey_origins=tuple(env.list("PASSKEY_ORIGINS", default=[])),
        social=_social(env),
        device_trust=_device_trust(env, stage),
        database=_database(env, home),
        database_pool_size=env.int("DATABASE_POOL_SIZE", default=0),
        redis_url=redis_url,
        celery_broker_url=env.str("CELERY_BROKER_URL", default=redis_url),
        email=env.email_url("EMAIL_URL") if env.str("EMAIL_URL", default="") else None,
        reference_rates_file=env.str("REFERENCE_RATES_FILE", default=""),
        launchdarkly=_launchdarkly(env),
        outbound_ca_file=env.str("OUTBOUND_CA_FILE", default=""),
        outbound_private_hosts=tuple(env.list("OUTBOUND_PRIVATE_HOSTS", default=[])),
        observability=_observability(env),
    )


def _observability(env: environ.Env) -> Observability:
    return Observability(
        metrics_token=env.str("METRICS_TOKEN", default=""),
        sentry_dsn=env.str("SENTRY_DSN", default=""),
        otlp_endpoint=env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default=""),
        log_level=env.str("LOG_LEVEL", default="INFO").upper(),
    )


def _linking(env: environ.Env, stage: Stage, home: Path) -> AppLinking:
    """Production names its apps and keys, or has none; elsewhere stand believable ones."""
    is_live = stage is Stage.PRODUCTION
    package = () if is_live else ("com.gigvora.app",)
    pins = tuple(env.list("CERTIFICATE_PINS", default=[] if is_live else development_pins(home)))
    key = env.str("PIN_SIGNING_KEY", default="").replace("\\n", "\n")
    return AppLinking(
        apple_team_id=env.str("APPLE_TEAM_ID", default="" if is_live else "A1B2C3D4E5"),
        apple_bundle_ids=tuple(env.list("APPLE_BUNDLE_IDS", default=package)),
        apple_app_clip_ids=tuple(env.list("APPLE_APP_CLIP_IDS", default=() if is_live else ("com.gigvora.app.Clip",))),
        android_packages=tuple(env.list("ANDROID_PACKAGES", default=package)),
        android_certificate_fingerprints=tuple(
            env.list("ANDROID_CERTIFICATE_FINGERPRINTS", default=() if is_live else (":".join(["0A"] * 32),))
        ),
        certificate_pins=pins,
        pin_signing_key=key if key or is_live else development_signing_key(home, "pins"),
        security_contacts=tuple(env.list("SECURITY_CONTACTS", default=["mailto:security@gigvora.com"])),
        security_policy_url=env.str("SECURITY_POLICY_URL", default=""),
        security_txt_file=env.str("SECURITY_TXT_FILE", default=""),
    )


def _social(env: environ.Env) -> SocialSignIn:
    """A provider is set up completely or not at all: without its key, Apple's tokens could never be revoked."""
    social = SocialSignIn(
        apple_issuer=env.str("APPLE_ISSUER", default="https://appleid.apple.com"),
        apple_client_ids=tuple(env.list("APPLE_CLIENT_IDS", default=[])),
        apple_key_id=env.str("APPLE_KEY_ID", default=""),
        apple_private_key=env.str("APPLE_PRIVATE_KEY", default="").replace("\\n", "\n"),
        apple_redirect_uri=env.str("APPLE_REDIRECT_URI", default=""),
        google_issuer=env.str("GOOGLE_ISSUER", default="https://accounts.google.com"),
        google_client_ids=tuple(env.list("GOOGLE_CLIENT_IDS", default=[])),
        facebook_issuer=env.str("FACEBOOK_ISSUER", default="https://www.facebook.com"),
        facebook_graph_url=env.str("FACEBOOK_GRAPH_URL", default="https://graph.facebook.com"),
        facebook_app_id=env.str("FACEBOOK_APP_ID", default=""),
        facebook_app_secret=env.str("FACEBOOK_APP_SECRET", default=""),
    )
    if social.apple_client_ids and not (social.apple_key_id and social.apple_private_key):
        raise ImproperlyConfigured("APPLE_CLIENT_IDS needs APPLE_KEY_ID and APPLE_PRIVATE_KEY.")
    if social.facebook_app_id and not social.facebook_app_secret:
        raise ImproperlyConfigured("FACEBOOK_APP_ID needs FACEBOOK_APP_SECRET.")
    return social


def _launchdarkly(env: environ.Env) -> dict[str, str]:
    relay = env.str("LAUNCHDARKLY_RELAY_URL", default="").rstrip("/")
    return {"sdk_key": env.str("LAUNCHDARKLY_SDK_KEY", default=""), "relay_url": relay}


def _device_trust(env: environ.Env, stage: Stage) -> DeviceTrust:
    is_live = stage is Stage.PRODUCTION
    return DeviceTrust(
        allows_development=env.bool("ATTESTATION_ALLOWS_DEVELOPMENT", default=not is_live),
        devicecheck_key=env.str("DEVICECHECK_KEY", default="").replace("\\n", "\n"),
        devicecheck_key_id=env.str("DEVICECHECK_KEY_ID", default=""),
        play_decryption_key=env.str("PLAY_DECRYPTION_KEY", default=""),
        play_verification_key=env.str("PLAY_VERIFICATION_KEY", default=""),
        play_service_account=env.str("PLAY_SERVICE_ACCOUNT", default=""),
        review_accounts=tuple(env.list("REVIEW_ACCOUNTS", default=[])),
        review_builds=tuple(env.list("REVIEW_BUILDS", default=[])),
    )


def _secret(env: environ.Env, name: str, stage: Stage) -> str:
    value = str(env.str(name, default=""))
    if stage is Stage.PRODUCTION and not value:
        raise ImproperlyConfigured(f"{name} must be set when ENVIRONMENT=production.")
    return value


def _signing_keys(env: environ.Env, stage: Stage, home: Path) -> tuple[str, ...]:
    """PEM private keys (P-256), newest first; older ones only verify."""
    return _pems(_secret(env, "JWT_SIGNING_KEYS", stage)) or (development_signing_key(home),)


def _pems(joined: str) -> tuple[str, ...]:
    """Keys in PEM, separated by semicolons; their line breaks may be written as `\\n`."""
    parts = joined.replace("\\n", "\n").split(";")
    return tuple(part.strip() + "\n" for part in parts if part.strip())


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
