"""The inbox, what its reader wants, and where their apps are reached."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from core.db.composed import composed
from core.db.versions import DataVersion
from core.http import forms
from core.http.access import Access
from core.http.requests import ApiRequest
from core.http.serializers import WireFieldsMixin
from core.http.viewsets import ApiViewSet
from notifications import selectors, services
from notifications.filters import NotificationFilter
from notifications.scopes import READ
from notifications.serializers import (
    AllReadSerializer,
    DeviceTokenSerializer,
    NotificationSerializer,
    PreferencesSerializer,
    PushRegistrationSerializer,
    UnreadCountSerializer,
)
from notifications.types import Platform


class InboxViewSet(ApiViewSet):
    access = Access(scope=READ)
    bursts = True

    def body(self, serializer_class: type[WireFieldsMixin]) -> dict[str, Any]:
        """The request body, checked by one serializer."""
        return forms.validated(serializer_class, self.request.data, {"request": self.request})


class NotificationViewSet(InboxViewSet):
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter

    def data_version(self) -> DataVersion | None:
        return selectors.inbox_version(self.request.user) if self.action == "list" else None

    def list(self, request: ApiRequest) -> Response:
        """The newest first. `unread=true` leaves out what was read, `unread=false` what was not."""
        return self.page(composed(selectors.list_notifications, request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(composed(selectors.list_notifications, request.user), id=pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["put"])
    def read(self, request: ApiRequest, pk: UUID) -> Response:
        return self.one(services.mark_read(actor=request.user, notification_id=pk))

    @extend_schema(request=None, responses=AllReadSerializer)
    @action(detail=False, methods=["post"], url_path="mark-all-read")
    def mark_all_read(self, request: ApiRequest) -> Response:
        services.mark_all_read(actor=request.user)
        return Response({"message": "All notifications are marked as read."})

    @extend_schema(responses=UnreadCountSerializer, filters=False)
    @action(detail=False, methods=["get"], url_path="unread-count", pagination_class=None)
    def unread_count(self, request: ApiRequest) -> Response:
        return Response({"unread_count": selectors.count_unread(request.user)})


class PreferencesViewSet(InboxViewSet):
    serializer_class = PreferencesSerializer

    def current(self, request: ApiRequest) -> Response:
        return Response(self.get_serializer(selectors.get_wishes(request.user)).data)

    def change(self, request: ApiRequest) -> Response:
        said = self.body(PreferencesSerializer)
        given = {ours: said[theirs] for theirs, ours in _NAMES.items() if theirs in said}
        return Response(self.get_serializer(services.change_wishes(actor=request.user, **given)).data)


class DeviceTokenViewSet(InboxViewSet):
    """Where this device is pushed to. `device_id` is its id under `/v1/devices`."""

    serializer_class = PushRegistrationSerializer

    @extend_schema(request=DeviceTokenSerializer, responses={201: PushRegistrationSerializer})
    def create(self, request: ApiRequest) -> Response:
        said = self.body(DeviceTokenSerializer)
        platform = Platform(said["platform"])
        return self.one(services.register_token(actor=request.user, platform=platform, token=said["token"]), 201)

    def destroy(self, request: ApiRequest, device_id: UUID) -> Response:
        services.remove_token(actor=request.user, device_id=device_id)
        return Response(status=204)


_NAMES = {"categories": "choices", "quiet_hours": "quiet", "max_per_day": "max_per_day"}
