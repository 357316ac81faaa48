"""Everything of accounts under `/v1`."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.views.devices import DeviceViewSet, SecurityEventViewSet, SessionViewSet
from accounts.views.security import SecurityView
from core.http.routers import Router

router = Router()
router.register("devices", DeviceViewSet, basename="device")
router.register("sessions", SessionViewSet, basename="session")
router.register("security/events", SecurityEventViewSet, basename="security-event")

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/social/", include("accounts.urls.notices")),
    path("auth/", include("accounts.urls.auth")),
    path("attestation/", include("accounts.urls.attestation")),
    path("security", SecurityView.as_view()),
    *router.urls,
]
