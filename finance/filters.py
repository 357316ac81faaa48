"""Query parameters of the ledger."""

from collections.abc import Iterable
from typing import Any

import django_filters
from rest_framework import serializers

from accounts.selectors import find_home_workspace
from core.errors import Invalid
from core.http.serializers import Serializer
from core.money import is_currency
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


def _one_of(
    words: Iterable[str], field: type[serializers.ChoiceField] = serializers.ChoiceField, **options: Any
) -> serializers.ChoiceField:
    """A choice whose refusal names what there is to choose from."""
    known = [str(word) for word in words]
    return field(known, required=False, error_messages={"invalid_choice": _choices(known)}, **options)


def _choices(words: Iterable[str]) -> str:
    return f"Choose one of {', '.join(words)}."


class CurrencyField(serializers.ChoiceField):
    """One of those that have rates; any other passes for now, as it may be the workspace's own."""

    def to_internal_value(self, data: Any) -> str:
        return str(data) if is_currency(str(data)) else str(super().to_internal_value(data))


class InsightsQuery(Serializer):
    """Without `granularity` it follows from the period; without `currency` it is that of the workspace.

    A workspace's own currency needs no rate: what is in others is then among `unconverted`.
    """

    period = _one_of(Period, default=Period.MONTH)
    granularity = _one_of(Granularity)
    currency = _one_of(rates.currencies(), field=CurrencyField)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        period = Period(attrs["period"])
        granularity = Granularity(attrs.get("granularity") or DEFAULTS[period])
        currency = self._currency(attrs.get("currency"))
        return {**attrs, "asked": Asked(period, granularity, currency)}

    def _currency(self, asked: str | None) -> str:
        if asked in rates.currencies():
            return str(asked)
        own = self._currency_of_the_workspace()
        if asked not in {None, own} or not is_currency(own):
            raise Invalid.field("currency", _choices(rates.currencies()), "invalid_choice")
        return own

    def _currency_of_the_workspace(self) -> str:
        home = find_home_workspace(self.context["request"].user.user_id)
        return home.currency if home else rates.BASE


class DownloadQuery(Serializer):
    """What the signed link of an export carries."""

    expires = serializers.IntegerField(min_value=0, max_value=2**40)
    signature = serializers.CharField(max_length=64)
