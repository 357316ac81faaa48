"""One's own devices, sessions and security trail."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from access.selectors import security_events_of
from accounts.selectors import list_devices, list_sessions
from accounts.serializers import DeviceRenameSerializer, DeviceSerializer, SecurityEventSerializer, SessionSerializer
from accounts.services import devices, sessions
from accounts.views.doors import validated
from core.http.access import ADMIN, MOBILE, WEB, Access
from core.http.pagination import page_response
from core.http.requests import ApiRequest
from core.http.viewsets import ApiViewSet


class DeviceViewSet(ApiViewSet):
    access = Access(audiences=MOBILE | WEB | ADMIN)
    serializer_class = DeviceSerializer

    def list(self, request: ApiRequest) -> Response:
        return self.page(list_devices(request.user.user_id))

    @extend_schema(request=DeviceRenameSerializer, responses=DeviceSerializer)
    def partial_update(self, request: ApiRequest, pk: UUID) -> Response:
        changes = validated(DeviceRenameSerializer, request)
        return self.one(devices.rename(actor=request.user, device_id=pk, **changes))

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        devices.remove(actor=request.user, device_id=pk)
        return Response(status=204)


class SessionViewSet(ApiViewSet):
    access = Access(audiences=MOBILE | WEB | ADMIN)
    serializer_class = SessionSerializer

    def list(self, request: ApiRequest) -> Response:
        page = self.page_request.of_queryset(list_sessions(request.user.user_id), lambda session: (session.id,))
        return page_response(request, page, self.get_serializer(page.rows, many=True).data)

    @extend_schema(operation_id="sessions_clear")
    def clear(self, request: ApiRequest) -> Response:
        """End all sessions but this one. Staff leave the staff site too, and have to refresh."""
        sessions.end_others(actor=request.user)
        return Response(status=204)

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        sessions.revoke(actor=request.user, session_id=pk)
        return Response(status=204)


class SecurityEventViewSet(ApiViewSet):
    access = Access(audiences=MOBILE | WEB | ADMIN)
    serializer_class = SecurityEventSerializer

    def list(self, request: ApiRequest) -> Response:
        return self.page(security_events_of(request.user.user_id))
