"""The routes of the inbox, mounted under `/v1`."""

from django.urls import URLPattern, URLResolver, path

from core.http.routers import Router
from notifications import views

router = Router()
router.register("notifications", views.NotificationViewSet, basename="notification")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("notifications/preferences", views.PreferencesViewSet.as_view({"get": "current", "put": "change"})),
    path("notifications/device-token", views.DeviceTokenViewSet.as_view({"post": "create"})),
    path("notifications/device-token/<id:device_id>", views.DeviceTokenViewSet.as_view({"delete": "destroy"})),
]
