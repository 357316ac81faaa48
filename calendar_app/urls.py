"""The calendar's routes, mounted under `/v1/calendar` and `/api/calendar`."""

from django.urls import URLPattern, URLResolver, path, register_converter

from calendar_app.types import EventId
from calendar_app.views.days import DaysViewSet
from calendar_app.views.events import EventViewSet
from calendar_app.views.files import ExportView, FeedView, ImportView, SubscriptionView
from calendar_app.views.shares import ShareViewSet
from core.errors import NotFound
from core.http.routers import Router


class EventIdConverter:
    """`<event_id:…>`: an event's id, or that of an occurrence with its original start after a colon."""

    regex = r"[0-9a-fA-F-]{36}(?::[0-9]{8}T[0-9]{6}Z)?"

    def to_python(self, value: str) -> EventId:
        try:
            return EventId.parse(value)
        except NotFound as error:
            raise ValueError from error

    def to_url(self, value: EventId) -> str:
        return str(value)


register_converter(EventIdConverter, "event_id")

router = Router()
router.register("events", EventViewSet, basename="event")
router.register("shares", ShareViewSet, basename="calendar-share")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("days", DaysViewSet.as_view({"get": "days"})),
    path("export.ics", ExportView.as_view()),
    path("import", ImportView.as_view()),
    path("subscription", SubscriptionView.as_view()),
    path("feeds/<str:token>.ics", FeedView.as_view()),
]
