"""Applications: sending one, and what becomes of it."""

from functools import cached_property
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from core.db.composed import composed
from core.http.pagination import PageRequest, page_request
from core.http.requests import ApiRequest
from core.http.wire import root_of
from explorer import selectors, services
from explorer.filters import ApplicationFilter, TagFilter
from explorer.serializers import ApplicationSerializer, ApplySerializer, KnownTagSerializer
from explorer.types import ApplicationStatus
from explorer.views.base import ExplorerViewSet


class ApplicationViewSet(ExplorerViewSet):
    """The applications that the caller sent, and those to the caller's listings."""

    serializer_class = ApplicationSerializer
    filterset_class = ApplicationFilter

    def list(self, request: ApiRequest) -> Response:
        return self.page(composed(selectors.list_applications, request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(composed(selectors.list_applications, request.user), id=pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: ApiRequest, pk: UUID) -> Response:
        services.withdraw_application(actor=request.user, application_id=pk)
        return self.retrieve(request, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def shortlist(self, request: ApiRequest, pk: UUID) -> Response:
        return self._decided(pk, ApplicationStatus.SHORTLISTED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def accept(self, request: ApiRequest, pk: UUID) -> Response:
        return self._decided(pk, ApplicationStatus.ACCEPTED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def decline(self, request: ApiRequest, pk: UUID) -> Response:
        return self._decided(pk, ApplicationStatus.DECLINED)

    def _decided(self, pk: UUID, status: ApplicationStatus) -> Response:
        services.decide_application(actor=self.request.user, application_id=pk, status=status)
        return self.retrieve(self.request, pk)


class ListingApplicationsViewSet(ExplorerViewSet):
    """The applications to one listing."""

    serializer_class = ApplicationSerializer

    @extend_schema(filters=False)
    def list(self, request: ApiRequest, pk: UUID) -> Response:
        """Those that the caller may see: all of them, if the listing is the caller's."""
        selectors.get_listing(request.user, pk)
        return self.page(composed(selectors.list_applications_to, request.user, listing_id=pk))

    @extend_schema(request=ApplySerializer, responses={201: ApplicationSerializer})
    def apply(self, request: ApiRequest, pk: UUID) -> Response:
        application = services.apply(actor=request.user, listing_id=pk, **self.body(ApplySerializer))
        response = self.find(composed(selectors.list_applications, request.user), id=application.id)
        response.status_code = 201
        response["Location"] = f"{root_of(request.path)}explorer/applications/{application.id}"
        return response


class TagViewSet(ExplorerViewSet):
    """The fields of expertise that listings have named so far."""

    serializer_class = KnownTagSerializer
    filterset_class = TagFilter

    @cached_property
    def page_request(self) -> PageRequest:
        return page_request(self.request, ("slug",))

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_tags())
