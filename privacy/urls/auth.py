"""The deletion of one's account, beside the account itself on every surface."""

from django.urls import URLPattern, URLResolver, path

from privacy.views.deletion import DeletionView

urlpatterns: list[URLPattern | URLResolver] = [path("me/deletion", DeletionView.as_view())]
