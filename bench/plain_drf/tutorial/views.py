from django.db.models import QuerySet
from rest_framework.viewsets import ModelViewSet

from tutorial.models import Event
from tutorial.serializers import EventSerializer


class EventViewSet(ModelViewSet):
    serializer_class = EventSerializer

    def get_queryset(self) -> QuerySet[Event]:
        events = Event.objects.filter(owner=self.request.user)
        if start := self.request.query_params.get("from"):
            events = events.filter(ends_at__gt=start)
        if end := self.request.query_params.get("to"):
            events = events.filter(starts_at__lt=end)
        return events

    def perform_create(self, serializer: EventSerializer) -> None:
        serializer.save(owner=self.request.user)
