"""Copies of everything about oneself."""

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.http.access import MOBILE, WEB, Access
from core.http.downloads import download
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView
from core.http.viewsets import ApiViewSet
from privacy.selectors import list_exports
from privacy.serializers import ExportSerializer
from privacy.services import exports


class ExportViewSet(ApiViewSet):
    access = Access(audiences=MOBILE | WEB)
    serializer_class = ExportSerializer
    limits = (Limit("10/day", by="user", actions=frozenset({"create"})),)

    def list(self, request: ApiRequest) -> Response:
        return self.page(list_exports(request.user.user_id))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(list_exports(request.user.user_id), id=pk)

    @extend_schema(request=None, responses={202: ExportSerializer})
    def create(self, request: ApiRequest) -> Response:
        return self.one(exports.request(actor=request.user), status=202)


class ExportDownloadView(ApiView):
    """The file, once: what was downloaded, or has expired, is gone. Who fetches it has just proved who they are."""

    access = Access(audiences=MOBILE | WEB, sensitive=True, step_up=frozenset({"GET"}))
    http_method_names = ("get", "options")  # no HEAD: it would spend the download

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponseBase:
        file = exports.download(actor=request.user, export_id=pk)
        return download(request, file, name="gigvora-export.zip", content_type="application/zip")
