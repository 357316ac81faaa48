"""What all views of events have in common."""

from functools import cached_property
from operator import itemgetter
from typing import Any

from calendar_app import selectors
from calendar_app.models import Event
from calendar_app.scopes import EDIT, VIEW
from calendar_app.serializers import EventSerializer
from calendar_app.types import Calendar, Window
from core.http import forms
from core.http.access import Access
from core.http.conditional import CachePolicy
from core.http.rows import Row
from core.http.serializers import WireFieldsMixin
from core.http.viewsets import ApiViewSet

DAY = 86_400  # seconds


class CalendarViewSet(ApiViewSet):
    access = Access(scope=VIEW, write=EDIT)
    serializer_class = EventSerializer
    cache_policy = CachePolicy(max_age=30, stale_if_error=DAY)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The query parameters, checked."""
        return self.query()

    def row_context(self) -> dict[str, Any]:
        return {"zone": self.asked["zone"]}

    def body(self, serializer_class: type[WireFieldsMixin], *, partial: bool = False) -> dict[str, Any]:
        """The request body, checked by one serializer."""
        return forms.validated(serializer_class, self.request.data, {"request": self.request}, partial=partial)

    def occurrences_in(self, window: Window) -> list[Event]:
        """What of the calendar that was asked for passes the filters and stands in the window."""
        events: Any = self.filter_queryset(selectors.list_events(self.request.user, self.asked["calendar"]))
        return selectors.list_occurrences(events, window)

    def read(self, events: list[Event]) -> list[Row]:
        """Events as rows of what is shown of them; start and public id follow."""
        read = itemgetter(*self.rows.columns, "starts_at", "public_id")
        return [read(vars(event)) for event in events]

    def calendar_version(self) -> str:
        return selectors.calendar_version(self.request.user, self.asked.get("calendar", Calendar.MINE))
