"""The page for integrators, mounted under `/webhooks`."""

from django.urls import URLPattern, URLResolver, path

from webhooks.views.page import TestPage

urlpatterns: list[URLPattern | URLResolver] = [path("test", TestPage.as_view())]
