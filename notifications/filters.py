"""Query parameters of the inbox."""

import django_filters

from core.contributions.notices import Category
from core.http.filtering import TruthFilter
from notifications.managers import NotificationQuerySet
from notifications.models import Notification


class NotificationFilter(django_filters.FilterSet):  # type: ignore[misc]
    unread = TruthFilter(method="by_unread")
    category = django_filters.MultipleChoiceFilter(choices=[(word.value, word.value) for word in Category])

    class Meta:
        model = Notification
        fields: tuple[str, ...] = ()

    def by_unread(self, rows: NotificationQuerySet, name: str, wanted: bool) -> NotificationQuerySet:
        return rows.unread() if wanted else rows.exclude(read_at=None)
