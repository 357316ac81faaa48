"""Query parameters of the ledger."""

from collections.abc import Iterable
from typing import Any

import django_filters
from rest_framework import serializers

from accounts.selectors import find_home_workspace
from core.http.serializers import Serializer
from finance import rates
from finance.insights import Asked
from finance.models import Payout, Posting
from finance.periods import DEFAULTS, Granularity, Period
from finance.types import Category, PayoutStatus, TransactionKind


class LedgerFilter(django_filters.FilterSet):  # type: ignore[misc]
    account = django_filters.UUIDFilter(field_name="account_id")
    kind = django_filters.MultipleChoiceFilter(
        field_name="transaction__kind", choices=[(word.value, word.value) for word in TransactionKind]
    )
    category = django_filters.MultipleChoiceFilter(
        field_name="transaction__category", choices=[(word.value, word.value) for word in Category]
    )
    posted_from = django_filters.IsoDateTimeFilter(field_name="posted_at", lookup_expr="gte")
    posted_to = django_filters.IsoDateTimeFilter(field_name="posted_at", lookup_expr="lt")

    class Meta:
        model = Posting
        fields: tuple[str, ...] = ()


class PayoutFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=[(word.value, word.value) for word in PayoutStatus])

    class Meta:
        model = Payout
        fields: tuple[str, ...] = ()


def _one_of(words: Iterable[str], **options: Any) -> serializers.ChoiceField:
    """A choice whose refusal names what there is to choose from."""
    known = [str(word) for word in words]
    message = f"Choose one of {', '.join(known)}."
    return serializers.ChoiceField(known, required=False, error_messages={"invalid_choice": message}, **options)


class InsightsQuery(Serializer):
    """Without `granularity` it follows from the period; without `currency` it is that of the workspace."""

    period = _one_of(Period, default=Period.MONTH)
    granularity = _one_of(Granularity)
    currency = _one_of(rates.currencies())

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        period = Period(attrs["period"])
        granularity = Granularity(attrs.get("granularity") or DEFAULTS[period])
        currency = attrs.get("currency") or self._currency_of_the_workspace()
        return {**attrs, "asked": Asked(period, granularity, currency)}

    def _currency_of_the_workspace(self) -> str:
        home = find_home_workspace(self.context["request"].user.user_id)
        return home.currency if home else rates.BASE


class DownloadQuery(Serializer):
    """What the signed link of an export carries."""

    expires = serializers.IntegerField(min_value=0, max_value=2**40)
    signature = serializers.CharField(max_length=64)
