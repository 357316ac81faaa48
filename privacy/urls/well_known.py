"""What browsers find without asking: that their signal is honoured."""

from django.urls import URLPattern, URLResolver, path

from privacy.views.public import gpc_support

urlpatterns: list[URLPattern | URLResolver] = [path("gpc.json", gpc_support)]
