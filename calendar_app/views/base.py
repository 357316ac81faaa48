"""What all views of events have in common."""

from dataclasses import replace
from functools import cached_property
from operator import itemgetter
from typing import Any

from access.types import Principal
from calendar_app import selectors
from calendar_app.delegation import share_of_calendar
from calendar_app.models import CalendarShare, Event
from calendar_app.scopes import EDIT, VIEW
from calendar_app.serializers import EventSerializer
from calendar_app.types import Calendar, ShareLevel, Window
from core.db.composed import Query, composed
from core.db.versions import DataVersion
from core.http import forms
from core.http.access import Access, Caller
from core.http.conditional import CachePolicy
from core.http.rows import Row
from core.http.serializers import WireFieldsMixin
from core.http.viewsets import ApiViewSet

DAY = 86_400  # seconds


class CalendarViewSet(ApiViewSet):
    access = Access(scope=VIEW, write=EDIT)
    bursts = True
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

    @cached_property
    def share(self) -> CalendarShare | None:
        """What lets the caller into the calendar of `?owner=`; asked anew by every request, so it may end any time."""
        owner_id = self.asked.get("owner")
        if owner_id is None or owner_id == self.request.user.user_id:
            return None
        return share_of_calendar(self.request.user, owner_id, ShareLevel.VIEW)

    @property
    def reader(self) -> Principal:
        """With whose eyes events are read: in a shared calendar, its owner's."""
        own: Principal = self.request.user
        return replace(own, user_id=self.share.owner_id, workspace_id=None) if self.share else own

    @property
    def caller(self) -> Caller | None:
        """To whom links are offered: whoever may edit a shared calendar may do there what its owner may."""
        return self.reader if self.share and self.share.level == ShareLevel.EDIT else self.request.user

    def events(self) -> Query:
        """The stored events of the calendar that was asked for."""
        calendar = Calendar.MINE if self.share else self.asked["calendar"]
        return composed(selectors.list_events, self.reader, calendar)

    def occurrences_in(self, window: Window) -> list[Event]:
        """What of the calendar that was asked for passes the filters and stands in the window."""
        return selectors.list_occurrences(self.filtered(self.events()), window, self.rows.columns, read=self.read_rows)

    def read(self, events: list[Event]) -> list[Row]:
        """Events as rows of what is shown of them; start and public id follow."""
        read = itemgetter(*self.rows.columns, "starts_at", "public_id")
        return [read(vars(event)) for event in events]

    def calendar_version(self) -> DataVersion | str | None:
        """What changes whenever the calendar does; `None` where people stand beside it, who change by themselves."""
        if "expand" in self.request.query_params:
            return None
        if self.share is not None:
            return f"{self.share.id}.{self.share.rev}.{selectors.owner_version(self.share.owner_id).read()}"
        return selectors.calendar_version(self.request.user, self.asked.get("calendar", Calendar.MINE))
