"""Reports of the caller."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.db.composed import composed
from core.db.versions import DataVersion
from core.http import forms
from core.http.access import Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.viewsets import ApiViewSet
from safety import selectors, services
from safety.filters import ReportFilter
from safety.serializers import ReportCreateSerializer, ReportSerializer


class ReportViewSet(ApiViewSet):
    """What the caller has reported, and what was decided."""

    access = Access()
    serializer_class = ReportSerializer
    filterset_class = ReportFilter
    limits = (Limit("30/h", by="user", actions=frozenset({"create"})),)

    def data_version(self) -> DataVersion | None:
        return selectors.reports_version(self.request.user)

    def list(self, request: ApiRequest) -> Response:
        return self.page(composed(selectors.list_reports, request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(composed(selectors.list_reports, request.user), id=pk)

    @extend_schema(request=ReportCreateSerializer, responses={200: ReportSerializer, 201: ReportSerializer})
    def create(self, request: ApiRequest) -> Response:
        """Report a listing, a mentor or a person. `200`: the report has been waiting, and stays as it was."""
        asked = forms.validated(ReportCreateSerializer, request.data, {"request": request})
        report, is_new = services.file_report(actor=request.user, **asked)
        return self.one(report, 201 if is_new else 200, {"Location": f"{request.path}/{report.id}"})
