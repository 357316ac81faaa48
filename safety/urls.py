"""The routes of safety, mounted under `/v1`."""

from django.urls import URLPattern, URLResolver

from core.http.routers import Router
from safety.views.blocks import BlockViewSet
from safety.views.reports import ReportViewSet

router = Router()
router.register("reports", ReportViewSet, basename="report")
router.register("blocks", BlockViewSet, basename="block")

urlpatterns: list[URLPattern | URLResolver] = [*router.urls]
