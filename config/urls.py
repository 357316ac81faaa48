"""Every route of the platform, one line per app and surface."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from core.http.access import ADMIN, Access
from core.http.documents import asset, docs, openapi
from core.http.routing import mount
from core.observability.exposition import metrics
from core.observability.health import health, readiness

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health),
    path("readiness", readiness),
    path("metrics", metrics),
    path("v1/openapi.json", openapi),
    path("docs", docs),
    path("docs/<str:name>", asset, name="docs-asset"),
    # Each resource stands under /v1 in snake_case and, for the shared web and Flutter
    # contract, under /api in camelCase.
    path("v1/", include("accounts.urls")),
    path("api/auth/", include("accounts.urls.auth")),
    path(".well-known/", include("accounts.urls.well_known")),
    path("v1/calendar/", include("calendar_app.urls")),
    path("api/calendar/", include("calendar_app.urls")),
]
if settings.ENV.serves_staff:
    from django.contrib import admin  # loads every staff screen, which the API's own processes do without

    urlpatterns += mount(Access(audiences=ADMIN), path(settings.STAFF_PATH, admin.site.urls))

handler400 = "core.http.error_pages.bad_request"
handler403 = "core.http.error_pages.forbidden"
handler404 = "core.http.error_pages.not_found"
handler500 = "core.http.error_pages.server_error"
