"""Endpoints of the caller's workspace."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from core.http import forms
from core.http.access import Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.serializers import Serializer
from core.http.viewsets import ApiViewSet
from webhooks import selectors, services
from webhooks.publicity import public_events
from webhooks.scopes import MANAGE
from webhooks.serializers import (
    PublicEventsSerializer,
    ReplayedSerializer,
    ReplaySerializer,
    WebhookDeliverySerializer,
    WebhookSerializer,
    WebhookWithSecretSerializer,
    WebhookWriteSerializer,
)

WITH_SECRET = frozenset({"create", "rotate_secret"})


class WebhookViewSet(ApiViewSet):
    access = Access(scope=MANAGE, sensitive=True, step_up=frozenset({"POST", "PATCH"}))
    limits = (
        Limit("30/h", by="user", actions=frozenset({"create"})),
        Limit("60/h", by="user", actions=frozenset({"test", "replay"})),
    )

    def get_serializer_class(self) -> type[WebhookSerializer]:
        return WebhookWithSecretSerializer if self.action in WITH_SECRET else WebhookSerializer

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_endpoints(request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(selectors.list_endpoints(request.user), id=pk)

    @extend_schema(request=WebhookWriteSerializer, responses={201: WebhookWithSecretSerializer})
    def create(self, request: ApiRequest) -> Response:
        asked = forms.validated(WebhookWriteSerializer, request.data, {"request": request})
        made = services.register_endpoint(actor=request.user, **asked)
        return self.one(made, 201, {"Location": f"{request.path}/{made.id}"})

    @extend_schema(request=WebhookWriteSerializer)
    def partial_update(self, request: ApiRequest, pk: UUID) -> Response:
        changes = forms.validated(WebhookWriteSerializer, request.data, {"request": request}, partial=True)
        return self.one(services.update_endpoint(actor=request.user, endpoint_id=pk, **changes))

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        services.delete_endpoint(actor=request.user, endpoint_id=pk)
        return Response(status=204)

    @extend_schema(request=None, responses=WebhookWithSecretSerializer)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: ApiRequest, pk: UUID) -> Response:
        self._nothing_sent(request)
        return self.one(services.rotate_secret(actor=request.user, endpoint_id=pk))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def enable(self, request: ApiRequest, pk: UUID) -> Response:
        self._nothing_sent(request)
        return self.one(services.enable_endpoint(actor=request.user, endpoint_id=pk))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def disable(self, request: ApiRequest, pk: UUID) -> Response:
        self._nothing_sent(request)
        return self.one(services.disable_endpoint(actor=request.user, endpoint_id=pk))

    @extend_schema(request=None, responses={202: WebhookDeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: ApiRequest, pk: UUID) -> Response:
        """Send a `webhook.test` event. The delivery log tells how it went."""
        self._nothing_sent(request)
        sent = services.send_test(actor=request.user, endpoint_id=pk)
        return Response(WebhookDeliverySerializer(sent, context={"wire": request.wire}).data, status=202)

    @extend_schema(request=ReplaySerializer, responses={202: ReplayedSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: ApiRequest, pk: UUID) -> Response:
        """Send everything once more that happened since then and was given up."""
        asked = forms.validated(ReplaySerializer, request.data, {"request": request})
        return Response({"count": services.replay_failed(actor=request.user, endpoint_id=pk, **asked)}, status=202)

    @extend_schema(responses=PublicEventsSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def events(self, request: ApiRequest) -> Response:
        """The events that endpoints can choose from."""
        known = [
            {"name": event.name, "description": event.description, "payload": dict(event.fields)}
            for event in public_events().values()
        ]
        return Response({"events": known})

    def _nothing_sent(self, request: ApiRequest) -> None:
        forms.validated(Serializer, request.data, {"request": request})
