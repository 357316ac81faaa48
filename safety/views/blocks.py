"""Whom the caller blocks, each by the id of the person."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.db.composed import composed
from core.db.versions import DataVersion
from core.http import forms
from core.http.access import Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.serializers import Serializer
from core.http.viewsets import ApiViewSet
from safety import selectors, services
from safety.serializers import BlockSerializer


class BlockViewSet(ApiViewSet):
    """Whom the caller blocks. Nobody sees who blocks them."""

    access = Access()
    serializer_class = BlockSerializer
    limits = (Limit("60/h", by="user", actions=frozenset({"update"})),)

    def data_version(self) -> DataVersion | None:
        return selectors.blocks_version(self.request.user)

    def list(self, request: ApiRequest) -> Response:
        return self.page(composed(selectors.list_blocks, request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(composed(selectors.list_blocks, request.user), blocked_id=pk)

    @extend_schema(request=None)
    def update(self, request: ApiRequest, pk: UUID) -> Response:
        """Keep the caller and this person apart: neither meets the other, or what is theirs."""
        forms.validated(Serializer, request.data, {"request": request})
        return self.one(services.block_user(actor=request.user, user_id=pk))

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        services.unblock_user(actor=request.user, user_id=pk)
        return Response(status=204)
