"""Background work: Celery where a broker is configured, else a small runner inside the web process."""

from datetime import timedelta

from config.env import Process
from config.settings.base import ENV

CELERY_BROKER_URL = ENV.celery_broker_url
EMBEDDED_JOBS = not CELERY_BROKER_URL
JOB_TRANSPORT = "core.runner.ring" if EMBEDDED_JOBS else "config.celery.ring"

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task must end before its message counts as lost, or a second copy of it starts.
CELERY_TASK_SOFT_TIME_LIMIT = 540  # seconds
CELERY_TASK_TIME_LIMIT = 600  # seconds
# Whoever enqueues must not wait for a broker that is down: one short attempt.
CELERY_BROKER_CONNECTION_TIMEOUT = 0.3  # seconds
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
if CELERY_BROKER_URL.startswith(("redis", "sentinel")):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "visibility_timeout": 1200,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 0.2,
    }
    if ENV.process not in {Process.WORKER, Process.BEAT}:
        # Workers wait on their sockets for tasks; who only enqueues waits for an answer.
        CELERY_BROKER_TRANSPORT_OPTIONS["socket_timeout"] = 0.2

OUTBOX_RETENTION = timedelta(days=30)
TOMBSTONE_RETENTION = timedelta(days=90)  # how long a device may stay offline and still catch up

# Mail lands as readable files unless a server is named.
EMAIL_FILE_PATH = str(ENV.home / "outbox" / "mail")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
if ENV.email:
    EMAIL_BACKEND = ENV.email["EMAIL_BACKEND"]
    EMAIL_HOST = ENV.email["EMAIL_HOST"]
    EMAIL_PORT = ENV.email["EMAIL_PORT"]
    EMAIL_HOST_USER = ENV.email["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = ENV.email["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = ENV.email.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = "Gigvora <no-reply@gigvora.com>"
MAIL_STOPPED = "accounts.selectors.is_mail_stopped"
