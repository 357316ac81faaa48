"""The calendar by days, and the figures above it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from calendar_app.agenda import Agenda, agenda
from calendar_app.filters import AgendaQuery, EventFilter
from calendar_app.serializers import AgendaSerializer
from calendar_app.views.base import CalendarViewSet
from core.db.versions import DataVersion
from core.http.requests import ApiRequest
from core.timezones import midnight


class DaysViewSet(CalendarViewSet):
    filterset_class = EventFilter
    query_serializer_class = AgendaQuery

    def data_version(self) -> DataVersion | str | None:
        return self.calendar_version()

    @extend_schema(responses=AgendaSerializer, filters=True)
    def days(self, request: ApiRequest) -> Response:
        """What stands on each day of a window, and figures of all of it."""
        now, window = timezone.now(), self.asked["window"]
        made = agenda(self.occurrences_in(window), window, now)
        tomorrow = midnight(now.astimezone(window.zone).date() + timedelta(days=1), window.zone)
        self.changes_at = min(made.changes_at or tomorrow, tomorrow)
        return Response(self._shown(made))

    def query_parameters(self) -> frozenset[str]:
        return super().query_parameters() | frozenset(EventFilter.base_filters)

    def _shown(self, made: Agenda) -> dict[str, Any]:
        rendered = self.rendered(self.read(made.events))
        by_id = {event.public_id: shown for event, shown in zip(made.events, rendered, strict=True)}
        following = made.metrics.next_event
        metrics = {
            "total": made.metrics.total,
            "upcoming_count": made.metrics.upcoming_count,
            "overdue_count": made.metrics.overdue_count,
            "type_counts": made.metrics.type_counts,
            "status_counts": made.metrics.status_counts,
            "next_event": by_id[following.public_id] if following else None,
        }
        name = self.request.wire.name
        return {
            "days": {day: [rendered[place] for place in places] for day, places in made.days.items()},
            "metrics": {name(key): value for key, value in metrics.items()},
        }
