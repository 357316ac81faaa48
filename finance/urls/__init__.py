"""The routes of money, mounted under `/v1/finance` and `/api/finance`."""

from django.urls import URLPattern, URLResolver, path

from core.http.routers import Router
from finance import views

router = Router()
router.register("accounts", views.AccountViewSet, basename="account")
router.register("ledger", views.LedgerViewSet, basename="posting")
router.register("exports", views.LedgerExportViewSet, basename="ledger-export")
router.register("transfers", views.TransferViewSet, basename="transfer")
router.register("payouts", views.PayoutViewSet, basename="payout")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("exports/<id:pk>/download", views.LedgerDownloadView.as_view()),
    path("overview", views.OverviewViewSet.as_view({"get": "overview"})),
    path("insights", views.InsightsViewSet.as_view({"get": "insights"})),
]
