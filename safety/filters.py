"""Query parameters of one's own reports."""

import django_filters

from safety.models import Report
from safety.types import ReportStatus


class ReportFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=[(word.value, word.value) for word in ReportStatus])

    class Meta:
        model = Report
        fields: tuple[str, ...] = ()
