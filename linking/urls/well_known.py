"""Routes of app linking under `/.well-known`."""

from django.urls import URLPattern, URLResolver, path

from linking.views import well_known

urlpatterns: list[URLPattern | URLResolver] = [
    path("apple-app-site-association", well_known.apple),
    path("assetlinks.json", well_known.android),
    path("security.txt", well_known.security),
]
