"""Routes of access for staff clients, under the staff path."""

from django.urls import URLPattern, URLResolver, path

from access.views import ExplainView

urlpatterns: list[URLPattern | URLResolver] = [path("decisions/explain", ExplainView.as_view())]
