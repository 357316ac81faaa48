"""Where links for the app lead in a browser, under `/l`."""

from django.urls import URLPattern, URLResolver, path

from linking.views.landing import landing

urlpatterns: list[URLPattern | URLResolver] = [path("", landing), path("<path:path>", landing)]
