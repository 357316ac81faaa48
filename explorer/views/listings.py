"""Listings: finding them, one of them, keeping one's own, and engaging."""

from functools import cached_property
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from core.db.composed import Query, composed, extended
from core.http.pagination import PageRequest, order_of, page_request, page_response
from core.http.queries import FilterBackend, asked_filters, filter_names
from core.http.requests import ApiRequest
from explorer import search, selectors, services
from explorer.filters import ListingFilter, asks_beyond_open
from explorer.serializers import (
    FacetsSerializer,
    ListingCreateSerializer,
    ListingSerializer,
    ListingWriteSerializer,
    ShareSerializer,
    SwipeSerializer,
)
from explorer.types import Kind
from explorer.views.kept import VERSION, KeptListingsViewSet


class ListingViewSet(KeptListingsViewSet):
    """Without filters what is open, the newest first; a search answers the best match first."""

    filterset_class = ListingFilter
    orderings = {"published_at": "published_at", "updated_at": "updated_at"}
    order = ("-published_at",)
    versioned = True

    def list(self, request: ApiRequest) -> Response:
        selector = selectors.list_visible if asks_beyond_open(request.query_params) else selectors.list_open
        page = self.page_of(composed(selector, request.user), VERSION)
        return page_response(request, page, self.shown(page.rows))

    def filtered(self, query: Query) -> Query:
        """A search and nothing else, which is most of what is asked for, leaves the query composed."""
        if asked_filters(self.request, self) != {"q"}:
            return super().filtered(query)
        text = FilterBackend().values(self.request, self.get_queryset(), self)["q"]
        return extended(query, search.found_by, expression=search.expression_of(text))

    @cached_property
    def page_request(self) -> PageRequest:
        parameters = self.request.query_params
        if not parameters.get("q", "").strip() or "ordering" in parameters:
            return page_request(self.request, order_of(self.request, self.orderings, self.order))
        return page_request(self.request, ("-score", "-id"))

    @extend_schema(responses=FacetsSerializer)
    @action(detail=False, methods=["get"])
    def facets(self, request: ApiRequest) -> Response:
        """How many of the listings that the same parameters find are of which kind."""
        selector = selectors.list_visible if asks_beyond_open(request.query_params) else selectors.list_open
        found = self.filter_queryset(selector(request.user))
        return Response(FacetsSerializer(selectors.facets_of(found), context={"request": request}).data)

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(composed(selectors.list_visible, request.user), id=pk)

    @extend_schema(request=ListingCreateSerializer, responses={201: ListingSerializer})
    def create(self, request: ApiRequest) -> Response:
        listing = services.create_listing(actor=request.user, **self.body(ListingCreateSerializer))
        return self.one(listing, 201, {"Location": f"{request.path}/{listing.id}"})

    @extend_schema(request=ListingWriteSerializer)
    def partial_update(self, request: ApiRequest, pk: UUID) -> Response:
        changes = self.body(ListingWriteSerializer, partial=True)
        return self.one(
            services.update_listing(
                actor=request.user, listing_id=pk, expected_version=self.expected_version, **changes
            )
        )

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        services.delete_listing(actor=request.user, listing_id=pk, expected_version=self.expected_version)
        return Response(status=204)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def publish(self, request: ApiRequest, pk: UUID) -> Response:
        return self.one(
            services.publish_listing(actor=request.user, listing_id=pk, expected_version=self.expected_version)
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def close(self, request: ApiRequest, pk: UUID) -> Response:
        return self.one(
            services.close_listing(actor=request.user, listing_id=pk, expected_version=self.expected_version)
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["put"])
    def like(self, request: ApiRequest, pk: UUID) -> Response:
        return self._engaged(pk, Kind.LIKE)

    @extend_schema(responses={200: ListingSerializer})
    @like.mapping.delete
    def unlike(self, request: ApiRequest, pk: UUID) -> Response:
        return self.one(services.disengage(actor=request.user, listing_id=pk, kind=Kind.LIKE))

    @extend_schema(request=None)
    @action(detail=True, methods=["put"])
    def save(self, request: ApiRequest, pk: UUID) -> Response:
        return self._engaged(pk, Kind.SAVE)

    @extend_schema(responses={200: ListingSerializer})
    @save.mapping.delete
    def unsave(self, request: ApiRequest, pk: UUID) -> Response:
        return self.one(services.disengage(actor=request.user, listing_id=pk, kind=Kind.SAVE))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def view(self, request: ApiRequest, pk: UUID) -> Response:
        return self._engaged(pk, Kind.VIEW)

    @extend_schema(request=ShareSerializer)
    @action(detail=True, methods=["post"])
    def share(self, request: ApiRequest, pk: UUID) -> Response:
        return self._engaged(pk, Kind.SHARE, self.body(ShareSerializer)["channel"])

    @extend_schema(request=SwipeSerializer)
    @action(detail=True, methods=["post"])
    def swipe(self, request: ApiRequest, pk: UUID) -> Response:
        return self.one(services.swipe(actor=request.user, listing_id=pk, **self.body(SwipeSerializer)))

    def _engaged(self, listing_id: UUID, kind: Kind, channel: str = "") -> Response:
        return self.one(services.engage(actor=self.request.user, listing_id=listing_id, kind=kind, channel=channel))

    def query_parameters(self) -> frozenset[str]:
        known = super().query_parameters()
        return known | filter_names(self) if self.action == "facets" else known
