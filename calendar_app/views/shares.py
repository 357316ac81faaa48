"""Sharing one's calendar with others, and using theirs."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from calendar_app import selectors, services
from calendar_app.filters import SharesQuery
from calendar_app.scopes import EDIT, VIEW
from calendar_app.serializers import ShareSerializer, ShareWriteSerializer
from calendar_app.views.base import CalendarViewSet
from core.http import forms
from core.http.access import Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.serializers import Serializer
from core.http.viewsets import ApiViewSet


class ShareViewSet(ApiViewSet):
    """Shares that the caller gave, or with `?direction=received` those that were offered to them."""

    access = Access(scope=VIEW, write=EDIT)
    serializer_class = ShareSerializer
    limits = (Limit("30/h", by="user", actions=frozenset({"create"})),)
    cache_policy = CalendarViewSet.cache_policy

    @property
    def query_serializer_class(self) -> type[SharesQuery] | None:  # type: ignore[override]
        return SharesQuery if self.action == "list" else None

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_shares(request.user, self.query()["direction"]))

    @extend_schema(request=ShareWriteSerializer, responses={201: ShareSerializer})
    def create(self, request: ApiRequest) -> Response:
        asked = forms.validated(ShareWriteSerializer, request.data, {"request": request})
        return self.one(services.offer_share(actor=request.user, **asked), 201)

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        services.end_share(actor=request.user, share_id=pk)
        return Response(status=204)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def accept(self, request: ApiRequest, pk: UUID) -> Response:
        forms.validated(Serializer, request.data, {"request": request})
        return self.one(services.accept_share(actor=request.user, share_id=pk))
