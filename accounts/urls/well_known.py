"""What others find without asking: the keys that verify our tokens."""

from django.urls import URLPattern, URLResolver, path

from accounts.views.keys import jwks

urlpatterns: list[URLPattern | URLResolver] = [path("jwks.json", jwks)]
