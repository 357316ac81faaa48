"""Query parameters of the delivery log."""

import django_filters

from webhooks.models import Delivery
from webhooks.types import DeliveryStatus


class DeliveryFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=[(word.value, word.value) for word in DeliveryStatus])
    event_name = django_filters.CharFilter()
    event_id = django_filters.UUIDFilter()

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()
