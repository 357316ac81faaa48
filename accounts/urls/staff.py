"""How staff clients sign in, under the staff path. They refresh and sign out where everybody does."""

from django.urls import URLPattern, URLResolver, path

from accounts.views.signing_in import StaffLoginView

urlpatterns: list[URLPattern | URLResolver] = [path("login", StaffLoginView.as_view())]
