"""Every route of the platform, one line per app and surface."""

from django.urls import URLPattern, URLResolver, include, path

from core.observability.exposition import metrics
from core.observability.health import health, readiness

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health),
    path("readiness", readiness),
    path("metrics", metrics),
    # Each resource stands under /v1 in snake_case and, for the shared web and Flutter
    # contract, under /api in camelCase.
    path("v1/", include("accounts.urls")),
    path("api/", include("accounts.urls")),
    path("v1/calendar/", include("calendar_app.urls")),
    path("api/calendar/", include("calendar_app.urls")),
]
