"""Every route of the platform, one line per app and surface."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config.me import MeView
from core.http.access import ADMIN, Access
from core.http.batch import alone
from core.http.batch_view import BatchView
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
    *alone(
        path("v1/batch", BatchView.as_view()),
        path("v1/", include("accounts.urls")),
        path("api/auth/", include("accounts.urls.auth")),
        path("v1/auth/me", MeView.as_view()),
        path("api/auth/me", MeView.as_view()),
        path("v1/auth/", include("privacy.urls.auth")),
        path("api/auth/", include("privacy.urls.auth")),
    ),
    path(".well-known/", include("accounts.urls.well_known")),
    path("v1/", include("privacy.urls")),
    path("privacy/", include("privacy.urls.pages")),
    path(".well-known/", include("privacy.urls.well_known")),
    path("v1/", include("safety.urls")),
    path("v1/", include("linking.urls")),
    path("v1/", include("webhooks.urls")),
    path("webhooks/", include("webhooks.urls.pages")),
    path(".well-known/", include("linking.urls.well_known")),
    path("l/", include("linking.urls.landing")),
    path("v1/", include("notifications.urls")),
    path("v1/calendar/", include("calendar_app.urls")),
    path("api/calendar/", include("calendar_app.urls")),
    path("v1/finance/", include("finance.urls")),
    path("api/finance/", include("finance.urls")),
    path("v1/", include("launchpad.urls")),
    path("mobile/v2/", include("launchpad.urls")),
    path("v1/explorer/", include("explorer.urls")),
    path("api/explorer/", include("explorer.urls")),
    path("v1/", include("explorer.urls.feed")),
    path("api/explorer/", include("explorer.urls.feed")),
    path("mobile/v2/wallet/", include("finance.urls.wallet")),
    path("v1/", include("mentors.urls")),
    path("mobile/v2/", include("mentors.urls.sessions")),
]
if settings.ENV.serves_staff:
    from django.contrib import admin  # loads every staff screen, which the API's own processes do without

    urlpatterns += alone(
        path(f"{settings.STAFF_PATH}api/", include("access.urls")),
        path(f"{settings.STAFF_PATH}api/auth/", include("accounts.urls.staff")),
        *mount(Access(audiences=ADMIN), path(settings.STAFF_PATH, admin.site.urls)),
    )

handler400 = "core.http.error_pages.bad_request"
handler403 = "core.http.error_pages.forbidden"
handler404 = "core.http.error_pages.not_found"
handler500 = "core.http.error_pages.server_error"
