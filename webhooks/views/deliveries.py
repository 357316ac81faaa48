"""The log of what was sent to one endpoint."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from core.http import forms
from core.http.access import Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.rows import Row
from core.http.serializers import Serializer
from core.http.viewsets import ApiViewSet
from core.http.wire import root_of
from webhooks import selectors, services
from webhooks.filters import DeliveryFilter
from webhooks.scopes import MANAGE
from webhooks.serializers import AttemptSerializer, DeliveryLogSerializer, WebhookDeliverySerializer


class BelowEndpoint(ApiViewSet):
    """Resources whose links stand below the endpoint that the address names."""

    def rendered(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        root = f"{root_of(self.request.path)}webhooks/{self.kwargs['endpoint']}/"
        return self.rows.render(rows, caller=self.caller, root=root)


class WebhookDeliveryViewSet(BelowEndpoint):
    """Newest first."""

    access = Access(scope=MANAGE)
    limits = (Limit("600/h", by="user", actions=frozenset({"replay"})),)
    serializer_class = WebhookDeliverySerializer
    filterset_class = DeliveryFilter

    def list(self, request: ApiRequest, endpoint: UUID) -> Response:
        return self.page(selectors.list_deliveries(request.user, endpoint))

    @extend_schema(responses=DeliveryLogSerializer)
    def retrieve(self, request: ApiRequest, endpoint: UUID, pk: UUID) -> Response:
        delivery = selectors.get_delivery(request.user, endpoint, pk)
        shown = self.one(delivery).data
        log = AttemptSerializer(selectors.list_attempts(pk), many=True, context={"wire": request.wire}).data
        return Response({"delivery": shown, "body": delivery.body, "attempts": log})

    @extend_schema(request=None, responses={202: WebhookDeliverySerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: ApiRequest, endpoint: UUID, pk: UUID) -> Response:
        """Send it once more, under the same id."""
        forms.validated(Serializer, request.data, {"request": request})
        again = services.replay_delivery(actor=request.user, endpoint_id=endpoint, delivery_id=pk)
        return self.one(again, 202)
