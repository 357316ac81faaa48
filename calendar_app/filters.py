"""Query parameters: which events, and in which time."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework import serializers

from calendar_app.errors import WindowTooLarge
from calendar_app.models import Event
from calendar_app.timezones import zone_behind
from calendar_app.types import Calendar, Direction, EditScope, EventStatus, EventType, Window
from core.errors import FieldError, Invalid
from core.http.serializers import Serializer
from core.http.windows import read_moment
from core.timezones import midnight, zone_named

MAX_WINDOW = timedelta(days=366)
DEFAULT_WINDOW = timedelta(days=31)


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]
    event_type = django_filters.MultipleChoiceFilter(choices=[(word.value, word.value) for word in EventType])
    status = django_filters.MultipleChoiceFilter(choices=[(word.value, word.value) for word in EventStatus])
    related_entity_type = django_filters.CharFilter(max_length=50)
    related_entity_id = django_filters.CharFilter(max_length=64)
    q = django_filters.CharFilter(method="search", min_length=2, max_length=100)

    class Meta:
        model = Event
        fields: tuple[str, ...] = ()

    def search(self, events: QuerySet[Event], name: str, text: str) -> QuerySet[Event]:
        return events.filter(Q(title__icontains=text) | Q(location__icontains=text) | Q(description__icontains=text))


class SharesQuery(Serializer):
    direction = serializers.ChoiceField([*Direction], default=Direction.GIVEN)


class ZoneQuery(Serializer):
    """`timezone` decides which day is whose; without it, the caller's own."""

    timezone = serializers.CharField(required=False, max_length=64)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = attrs.get("timezone")
        own = zone_behind(getattr(self.context["request"].user, "timezone", "UTC"))
        return {**attrs, "zone": zone_named(named) if named else own or ZoneInfo("UTC")}


class OwnerQuery(ZoneQuery):
    """`owner` names somebody who shares their calendar with the caller."""

    owner = serializers.UUIDField(required=False)


class ScopeQuery(ZoneQuery):
    scope = serializers.ChoiceField([*EditScope], required=False)


class WindowQuery(OwnerQuery):
    """`from` and `to`, days or moments; `to` is exclusive. Days begin at midnight in `timezone`."""

    vars()["from"] = serializers.CharField(required=False, max_length=40)
    to = serializers.CharField(required=False, max_length=40)
    calendar = serializers.ChoiceField([*Calendar], default=Calendar.MINE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        return {**attrs, "window": self.window(attrs.get("from"), attrs.get("to"), attrs["zone"])}

    def window(self, start: str | None, end: str | None, zone: ZoneInfo) -> Window | None:
        if (start is None) is not (end is None):
            raise Invalid.field("to" if end is None else "from", "`from` and `to` go together.", "required")
        if start is None or end is None:
            return None
        return _checked(Window(read_moment("from", start, zone), read_moment("to", end, zone), zone))


class AgendaQuery(WindowQuery):
    """Without `from` the window begins today; without `to` it has 31 days."""

    def window(self, start: str | None, end: str | None, zone: ZoneInfo) -> Window:
        begins = read_moment("from", start, zone) if start else midnight(timezone.now().astimezone(zone).date(), zone)
        return _checked(Window(begins, read_moment("to", end, zone) if end else begins + DEFAULT_WINDOW, zone))


def _checked(window: Window) -> Window:
    if window.end <= window.start:
        raise Invalid.field("to", "`to` must be later than `from`.", "not_after_from")
    if window.end - window.start > MAX_WINDOW:
        message = f"A window has at most {MAX_WINDOW.days} days."
        raise WindowTooLarge(message, errors=[FieldError("/to", "window_too_large", message)])
    return window
