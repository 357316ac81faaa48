"""The feed, page by page."""

from functools import cached_property
from typing import Any
from uuid import UUID

from rest_framework.response import Response

from core.db.binary import fetch_rows
from core.http.access import Access
from core.http.pagination import PageRequest, page_request, page_response
from core.http.requests import ApiRequest
from explorer import feeding, selectors
from explorer.scopes import FEED
from explorer.serializers import FeedItemSerializer
from explorer.types import Reason
from explorer.views.base import ListingBaseViewSet


class FeedViewSet(ListingBaseViewSet):
    """Open listings that the caller may want to see, best first, each with the reasons for it."""

    access = Access(scope=FEED)
    serializer_class = FeedItemSerializer
    reasons: dict[UUID, tuple[Reason, ...]] = {}

    def list(self, request: ApiRequest) -> Response:
        page = self.page_request.of_sorted(feeding.feed_of(request.user), lambda one: (one.order, one.id))
        self.reasons = {one.id: one.reasons for one in page.rows}
        shown = selectors.list_open(request.user).filter(id__in=self.reasons)
        rows = {row[-1]: row for row in fetch_rows(shown, (*self.rows.columns, "id"))}
        return page_response(request, page, self.rendered([rows[id_] for id_ in self.reasons if id_ in rows]))

    @cached_property
    def page_request(self) -> PageRequest:
        return page_request(self.request, ("rank", "id"))

    def row_context(self) -> dict[str, Any]:
        return {**super().row_context(), "reasons": self.reasons}
