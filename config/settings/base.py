"""Applications, middleware, templates, language and time."""

from config.env import BASE_DIR, read_environment

ENV = read_environment()

DEBUG = False
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = list(ENV.allowed_hosts)
PUBLIC_BASE_URL = ENV.public_base_url
GIGVORA_HOME = ENV.home
PROJECT_DIR = BASE_DIR
STAFF_PATH = ENV.staff_path

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "config.staff.StaffConfig",
    "rest_framework",
    "corsheaders",
    "django_filters",
    "guardian",
    "push_notifications",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "events",
    "access",
    "accounts",
    "privacy",
    "safety",
    "experiments",
    "launchpad",
    "webhooks",
    "calendar_app",
    "finance",
    "explorer",
    "linking",
    "mentors",
    "notifications",
]
AUTH_USER_MODEL = "accounts.User"

MIDDLEWARE = [
    "core.http.middleware.RequestMiddleware",
    "core.observability.middleware.ObservabilityMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.http.cors.ExactCorsMiddleware",
    "core.http.compression.CompressionMiddleware",
    "access.middleware.AccessMiddleware",
    "privacy.middleware.GlobalPrivacyControlMiddleware",
]
if ENV.serves_staff:
    MIDDLEWARE += [
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
# The image has collected the files; elsewhere they are found where they lie, without a command to run first.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not ENV.is_production

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
