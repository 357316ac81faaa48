"""Background work: Celery where a broker is configured, else a small runner inside the web process."""

from config.settings.base import ENV

CELERY_BROKER_URL = ENV.celery_broker_url
EMBEDDED_JOBS = not CELERY_BROKER_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

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
