"""The routes of webhooks, mounted under `/v1`."""

from django.urls import URLPattern, URLResolver

from core.http.routers import Router
from webhooks.views.deliveries import WebhookDeliveryViewSet
from webhooks.views.endpoints import WebhookViewSet

router = Router()
router.register("webhooks", WebhookViewSet, basename="webhook")
router.register("webhooks/<id:endpoint>/deliveries", WebhookDeliveryViewSet, basename="webhook-delivery")

urlpatterns: list[URLPattern | URLResolver] = [*router.urls]
