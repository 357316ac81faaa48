"""Query parameters of mentoring."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework import serializers

from core.errors import Invalid
from core.http.filtering import TruthFilter, WholeNumberFilter
from core.http.serializers import Serializer
from core.http.windows import read_moment
from core.timezones import known_names, midnight, zone_named
from mentors.models import Mentor, MentorSession
from mentors.types import MAX_MINUTES, Party, SessionStatus, Span

MAX_WINDOW = timedelta(days=62)
DEFAULT_WINDOW = timedelta(days=14)


class MentorFilter(django_filters.FilterSet):  # type: ignore[misc]
    expertise = django_filters.CharFilter(method="knowing", max_length=40)
    currency = django_filters.CharFilter(field_name="currency", max_length=3)
    max_price_minor = WholeNumberFilter(field_name="price_minor", lookup_expr="lte", min_value=0, max_value=10**15)
    is_accepting = TruthFilter(field_name="is_accepting")
    q = django_filters.CharFilter(method="search", min_length=2, max_length=100)

    class Meta:
        model = Mentor
        fields: tuple[str, ...] = ()

    def knowing(self, mentors: QuerySet[Mentor], name: str, slug: str) -> QuerySet[Mentor]:
        return mentors.filter(expertise_slugs__contains=f"|{slug}|")

    def search(self, mentors: QuerySet[Mentor], name: str, text: str) -> QuerySet[Mentor]:
        return mentors.filter(Q(headline__icontains=text) | Q(bio__icontains=text) | Q(user__full_name__icontains=text))


class SessionFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=[(word.value, word.value) for word in SessionStatus])
    starts_from = django_filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="gte")
    starts_to = django_filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="lt")

    class Meta:
        model = MentorSession
        fields: tuple[str, ...] = ()


class PartyQuery(Serializer):
    """On which side of the sessions the caller is; without it, on either."""

    party = serializers.ChoiceField([Party.MENTOR, Party.MENTEE], required=False)


class AvailabilityQuery(Serializer):
    """`from` and `to`, days or moments; `to` is exclusive. Days begin at midnight in `timezone`, the caller's own by
    default. Without `from` the window begins today, without `to` it has 14 days. `duration` is in minutes."""

    vars()["from"] = serializers.CharField(required=False, max_length=40)
    to = serializers.CharField(required=False, max_length=40)
    timezone = serializers.CharField(required=False, max_length=64)
    duration = serializers.IntegerField(required=False, min_value=1, max_value=MAX_MINUTES)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = self._zone(attrs.get("timezone"))
        start, end = attrs.get("from"), attrs.get("to")
        begins = read_moment("from", start, zone) if start else midnight(timezone.now().astimezone(zone).date(), zone)
        span = Span(begins, read_moment("to", end, zone) if end else begins + DEFAULT_WINDOW)
        if span.end <= span.start:
            raise Invalid.field("to", "`to` must be later than `from`.", "not_after_from")
        if span.end - span.start > MAX_WINDOW:
            raise Invalid.field("to", f"A window has at most {MAX_WINDOW.days} days.", "window_too_large")
        return {**attrs, "zone": zone, "window": span}

    def _zone(self, named: str | None) -> ZoneInfo:
        if named is not None:
            return zone_named(named)
        own = self.context["request"].user.timezone
        return ZoneInfo(own if own in known_names() else "UTC")
