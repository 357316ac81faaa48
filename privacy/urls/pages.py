"""Pages for people in a browser."""

from django.urls import URLPattern, URLResolver, path

from privacy.views.pages import DeleteAccountPage, DeletionPage

urlpatterns: list[URLPattern | URLResolver] = [
    path("delete-account", DeleteAccountPage.as_view()),
    path("delete-account/<str:token>", DeletionPage.as_view()),
]
