"""Everything of privacy under `/v1`."""

from django.urls import URLPattern, URLResolver, path

from core.http.routers import Router
from privacy.views import choices, exports, public

router = Router()
router.register("privacy/exports", exports.ExportViewSet, basename="privacy-export")
router.register("privacy/requests", choices.RequestViewSet, basename="privacy-request")
router.register("privacy/consents/ledger", choices.ConsentLedgerViewSet, basename="privacy-consent-entry")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("privacy", choices.PrivacyView.as_view()),
    path("privacy/exports/<id:pk>/download", exports.ExportDownloadView.as_view()),
    path("privacy/consents", choices.ConsentsView.as_view()),
    path("privacy/consents/<slug:purpose>", choices.ConsentView.as_view()),
    path("privacy/deletion-requests", public.DeletionRequestView.as_view()),
    path("privacy/opt-out", public.OptOutView.as_view()),
    path("privacy/retention", public.RetentionView.as_view()),
]
