"""Events: the list, one event, and what can be done to it."""

from contextlib import suppress
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from calendar_app import selectors, services
from calendar_app.delegation import share_of_event
from calendar_app.filters import EventFilter, OwnerQuery, ScopeQuery, WindowQuery, ZoneQuery
from calendar_app.serializers import (
    CancelSerializer,
    EventSerializer,
    EventUpdateSerializer,
    EventWriteSerializer,
    ScopeSerializer,
)
from calendar_app.types import EventId, ShareLevel, Window
from calendar_app.views.base import CalendarViewSet
from core.db.composed import composed
from core.db.versions import DataVersion
from core.errors import Invalid, NotFound
from core.http.requests import ApiRequest

_QUERIES = {"list": WindowQuery, "retrieve": ZoneQuery, "create": OwnerQuery}


class EventViewSet(CalendarViewSet):
    """The caller's events, and those that colleagues share (`?calendar=shared`)."""

    filterset_class = EventFilter
    orderings = {"starts_at": "starts_at", "updated_at": "updated_at"}
    order = ("starts_at",)
    versioned = True
    lookup_value_converter = "event_id"

    @property
    def query_serializer_class(self) -> type[ZoneQuery]:  # type: ignore[override]
        return _QUERIES.get(self.action, ScopeQuery)

    def data_version(self) -> DataVersion | str | None:
        return self.calendar_version() if self.action == "list" else None

    def list(self, request: ApiRequest) -> Response:
        """Stored events, or with `from` and `to` what stands in that time, series as their occurrences."""
        window = self.asked["window"]
        if window is None:
            return self.page(self.events())
        return self._page_of_window(window)

    def retrieve(self, request: ApiRequest, pk: EventId) -> Response:
        with suppress(NotFound):
            return self._retrieved(pk)
        self.share = share_of_event(request.user, pk.id, ShareLevel.VIEW)
        return self._retrieved(pk)

    def _retrieved(self, pk: EventId) -> Response:
        if pk.original_start is None:
            return self.find(composed(selectors.list_visible, self.reader), id=pk.id)
        return self.one(selectors.get_occurrence(self.reader, pk))

    @extend_schema(request=EventWriteSerializer, responses={201: EventSerializer})
    def create(self, request: ApiRequest) -> Response:
        event = services.create_event(
            actor=request.user, owner_id=self.asked.get("owner"), **self.body(EventWriteSerializer)
        )
        return self.one(event, 201, {"Location": f"{request.path}/{event.public_id}"})

    @extend_schema(request=EventUpdateSerializer)
    def partial_update(self, request: ApiRequest, pk: EventId) -> Response:
        changes = self.body(EventUpdateSerializer, partial=True)
        return self.one(services.update_event(**self._target(pk, changes), **changes))

    def destroy(self, request: ApiRequest, pk: EventId) -> Response:
        services.delete_event(**self._target(pk, {}))
        return Response(status=204)

    @extend_schema(request=ScopeSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: ApiRequest, pk: EventId) -> Response:
        return self.one(services.complete_event(**self._target(pk, self.body(ScopeSerializer))))

    @extend_schema(request=ScopeSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: ApiRequest, pk: EventId) -> Response:
        return self.one(services.reopen_event(**self._target(pk, self.body(ScopeSerializer))))

    @extend_schema(request=CancelSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: ApiRequest, pk: EventId) -> Response:
        said = self.body(CancelSerializer)
        return self.one(services.cancel_event(**self._target(pk, said), **said))

    def _target(self, event_id: EventId, said: dict[str, Any]) -> dict[str, Any]:
        """Who changes what, how far, and in which version; takes the scope out of what was `said`."""
        scope = said.pop("scope", None) or self.asked.get("scope")
        version = self.expected_version
        return {"actor": self.request.user, "event_id": event_id, "scope": scope, "expected_version": version}

    def _page_of_window(self, window: Window) -> Response:
        if "ordering" in self.request.query_params:
            raise Invalid.field("ordering", "What stands in a window is in order of its start.", "not_applicable")
        rows = selectors.list_occurrence_rows(
            self.filtered(self.events()), window, self.rows.columns, read=self.read_rows
        )
        return self.page_of_sorted(rows, lambda row: tuple(row[-2:]))
