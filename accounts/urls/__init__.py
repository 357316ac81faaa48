"""Everything of accounts under `/v1`."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.views.devices import DeviceViewSet, SecurityEventViewSet, SessionViewSet
from core.http.routers import Router

router = Router()
router.register("devices", DeviceViewSet, basename="device")
router.register("sessions", SessionViewSet, basename="session")
router.register("security/events", SecurityEventViewSet, basename="security-event")

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/", include("accounts.urls.auth")),
    *router.urls,
]
