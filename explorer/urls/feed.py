"""The feed, mounted under `/v1` and `/api/explorer`."""

from django.urls import URLPattern, URLResolver, path

from explorer.views.feed import FeedViewSet

urlpatterns: list[URLPattern | URLResolver] = [path("feed", FeedViewSet.as_view({"get": "list"}))]
