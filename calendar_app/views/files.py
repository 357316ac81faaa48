"""Calendars as iCalendar files: out, in, and under a secret address that other programs read."""

from collections import Counter
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from calendar_app import ics, selectors, services
from calendar_app.delegation import share_of_calendar
from calendar_app.errors import CalendarFileTooLarge
from calendar_app.filters import WindowQuery, ZoneQuery
from calendar_app.scopes import EDIT, VIEW
from calendar_app.serializers import ImportReportSerializer, SubscriptionSerializer
from calendar_app.types import Calendar, ImportOutcome, ShareLevel
from calendar_app.views.base import DAY
from core.errors import Invalid
from core.http.access import Access, Public
from core.http.conditional import CachePolicy
from core.http.limits import Limit
from core.http.renderers import JSONRenderer, dump_json
from core.http.requests import ApiRequest
from core.http.views import ApiView

FEED_SECONDS = 300  # how long subscribed programs may keep what they read
UPLOAD = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
CONTENT_TYPE = "text/calendar; charset=utf-8"


class ICalendarRenderer(BaseRenderer):
    """Files as they are; problems as JSON."""

    media_type = "text/calendar"
    format = "ics"
    charset = None

    def render(self, data: Any, *_: Any) -> bytes:
        return data if isinstance(data, bytes) else dump_json(data)


class ICalendarParser(BaseParser):
    media_type = "text/calendar"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return {"file": stream}


class ExportView(ApiView):
    """The caller's calendar, or that of `owner`; all of it, or what stands between `from` and `to`."""

    access = Access(scope=VIEW)
    query_serializer_class = WindowQuery
    limits = (Limit("60/min", by="user"),)
    renderer_classes = [ICalendarRenderer, JSONRenderer]
    cache_policy = CachePolicy(max_age=30, stale_if_error=DAY)

    def data_version(self) -> str:
        self.asked = self.query()
        self.owner_id = self.asked.get("owner") or self.request.user.user_id
        if self.owner_id == self.request.user.user_id:
            return selectors.calendar_version(self.request.user, Calendar.MINE).read()
        share = share_of_calendar(self.request.user, self.owner_id, ShareLevel.VIEW)
        return f"{share.id}.{share.rev}.{selectors.owner_version(self.owner_id).read()}"

    @extend_schema(responses={(200, "text/calendar"): OpenApiTypes.STR})
    def get(self, request: ApiRequest) -> HttpResponse:
        events = selectors.list_for_export(self.owner_id, self.asked["window"])
        return HttpResponse(ics.write(events, name="Gigvora"), content_type=CONTENT_TYPE)


class ImportView(ApiView):
    access = Access(scope=EDIT)
    query_serializer_class = ZoneQuery
    limits = (Limit("20/min", by="user"),)
    parser_classes = [ICalendarParser, MultiPartParser]

    @extend_schema(
        request={
            "text/calendar": OpenApiTypes.STR,
            "multipart/form-data": {"properties": {"file": {"format": "binary"}}},
        },
        responses=ImportReportSerializer,
    )
    def post(self, request: ApiRequest) -> Response:
        """Take up an iCalendar file of any program, and tell of each event what became of it."""
        imported = services.import_calendar(actor=request.user, data=self._file(), zone=self.query()["zone"])
        counted = Counter(each.outcome for each in imported)
        counts = {outcome.value: counted[outcome] for outcome in ImportOutcome}
        report = ImportReportSerializer({"counts": counts, "events": imported}, context={"request": request})
        return Response(report.data)

    def _file(self) -> bytes:
        sent: Any = self.request.data
        file: Any = sent.get("file")
        if not hasattr(file, "read"):
            raise Invalid.field("file", "Send a calendar file.", "required")
        data: bytes = file.read(ics.MAX_BYTES + 1)
        if len(data) > ics.MAX_BYTES:
            raise CalendarFileTooLarge
        return data


class SubscriptionView(ApiView):
    """The secret address of the caller's calendar; making a new one revokes the former."""

    access = Access(scope=VIEW, write=EDIT, sensitive=True)
    cache_policy = CachePolicy(max_age=30, stale_if_error=DAY)

    @extend_schema(responses=SubscriptionSerializer)
    def get(self, request: ApiRequest) -> Response:
        return self._shown(selectors.get_subscription_of(request.user.user_id))

    @extend_schema(request=None, responses={201: SubscriptionSerializer})
    def post(self, request: ApiRequest) -> Response:
        subscription, token = services.open_subscription(actor=request.user)
        url = f"{settings.PUBLIC_BASE_URL}/v1/calendar/feeds/{token}.ics"
        return self._shown(subscription, url=url, status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest) -> Response:
        services.close_subscription(actor=request.user)
        return Response(status=204)

    def _shown(self, subscription: Any, *, url: str | None = None, status: int = 200) -> Response:
        shown = {"created_at": subscription.created_at} | ({"url": url} if url else {})
        return Response(SubscriptionSerializer(shown, context={"request": self.request}).data, status=status)


class FeedView(ApiView):
    """A calendar as the programs that subscribed to it read it."""

    access = Public("The address itself is the secret; calendar programs cannot sign in.")
    renderer_classes = [ICalendarRenderer, JSONRenderer]
    cache_policy = CachePolicy(max_age=FEED_SECONDS, everywhere=True)

    def data_version(self) -> str:
        self.owner_id = selectors.get_subscription(self.kwargs["token"]).owner_id
        return selectors.owner_version(self.owner_id).read()

    @extend_schema(responses={(200, "text/calendar"): OpenApiTypes.STR})
    def get(self, request: ApiRequest, token: str) -> HttpResponse:
        return HttpResponse(
            ics.write(selectors.list_for_export(self.owner_id), name="Gigvora"), content_type=CONTENT_TYPE
        )
