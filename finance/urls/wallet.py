"""What mobile apps ask of a wallet, mounted under `/mobile/v2/wallet`."""

from django.urls import URLPattern, URLResolver, path

from finance.views import InsightsViewSet

urlpatterns: list[URLPattern | URLResolver] = [path("insights", InsightsViewSet.as_view({"get": "insights"}))]
