"""Routes of app linking under `/v1`."""

from django.urls import URLPattern, URLResolver, path

from linking.views.pins import PinReportsView, PinsView

urlpatterns: list[URLPattern | URLResolver] = [
    path("security/pins", PinsView.as_view()),
    path("security/pins/reports", PinReportsView.as_view()),
]
