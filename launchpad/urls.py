"""The home screen, mounted as `/mobile/v2/launchpad` and `/v1/launchpad`."""

from django.urls import URLPattern, URLResolver, path

from launchpad.views import LaunchpadViewSet

urlpatterns: list[URLPattern | URLResolver] = [path("launchpad", LaunchpadViewSet.as_view({"get": "show"}))]
