"""Where providers call us."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import notices

urlpatterns: list[URLPattern | URLResolver] = [
    path("apple/events", notices.AppleEventsView.as_view()),
    path("facebook/deauthorize", notices.FacebookDeauthorizeView.as_view()),
    path("facebook/deletion", notices.FacebookDeletionView.as_view()),
    path("facebook/deletion/<str:code>", notices.deletion_status),
]
