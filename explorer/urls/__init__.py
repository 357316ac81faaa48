"""The routes of the marketplace, mounted under `/v1/explorer` and `/api/explorer`."""

from django.urls import URLPattern, URLResolver, path

from core.http.routers import Router
from explorer.views.applications import ApplicationViewSet, ListingApplicationsViewSet, TagViewSet
from explorer.views.listings import ListingViewSet

router = Router()
router.register("listings", ListingViewSet, basename="listing")
router.register("applications", ApplicationViewSet, basename="application")
router.register("tags", TagViewSet, basename="tag")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("listings/<id:pk>/applications", ListingApplicationsViewSet.as_view({"get": "list"})),
    path("listings/<id:pk>/apply", ListingApplicationsViewSet.as_view({"post": "apply"})),
]
