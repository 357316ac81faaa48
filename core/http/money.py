"""Amounts of money on the wire: `{amount, currency, minor_units, formatted}`, written for the caller's locale."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.http.serializers import Computed, Serializer
from core.http.versions import OldField, VersionChange
from core.http.wire import Wire
from core.money import Money, formatted

TRAIN = "2024.08"  # until then an amount was a plain decimal, its currency a field beside it


class AmountSerializer(Serializer):
    amount = serializers.CharField(help_text="A decimal, such as `12.50`.")
    currency = serializers.CharField(help_text="ISO 4217.")
    minor_units = serializers.IntegerField()
    formatted = serializers.CharField(help_text="As people of the caller's locale write it.")


class GivenAmountSerializer(Serializer):
    """`amount` or `minor_units`, and the currency."""

    amount = serializers.CharField(required=False, max_length=24)
    minor_units = serializers.IntegerField(required=False)
    currency = serializers.CharField(min_length=3, max_length=3)

    def validate(self, attrs: dict[str, Any]) -> Money:
        if ("amount" in attrs) is ("minor_units" in attrs):
            raise serializers.ValidationError("Send either `amount` or `minor_units`.", code="invalid_amount")
        decimal, currency = attrs.get("amount"), attrs["currency"]
        try:
            return Money.of(attrs["minor_units"], currency) if decimal is None else Money.parse(decimal, currency)
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="invalid_amount") from error


@extend_schema_field(GivenAmountSerializer)
class MoneyField(serializers.Field[Money, Any, Any, Any]):
    """An amount that a client sends, as `Money`."""

    def to_internal_value(self, data: Any) -> Money:
        given = GivenAmountSerializer(data=data, context=self.context)
        given.is_valid(raise_exception=True)
        money: Money = given.validated_data
        return money

    def to_representation(self, value: Money) -> Any:
        raise TypeError("Amounts are shown by `amount_field`.")


@extend_schema_field(AmountSerializer)
class AmountField(serializers.Field[Money, Any, Any, Any]):
    """`Money` as clients see it; the view gives `Amounts` as `money` in its context."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Money) -> dict[str, Any]:
        show: Amounts = self.context["money"]
        return show(value.minor, value.currency)


class Amounts:
    """Shows minor units as one surface and one locale want to see them."""

    def __init__(self, wire: Wire, locale: str) -> None:
        self._minor_units, self._locale = wire.name("minor_units"), locale

    def __call__(self, minor: int, currency: str) -> dict[str, Any]:
        return {
            "amount": str(Money(minor, currency)),
            "currency": currency,
            self._minor_units: minor,
            "formatted": formatted(minor, currency, self._locale),
        }


def amount_field(minor: str, currency: str = "currency", *, allow_null: bool = False) -> Computed:
    """An amount made of two columns; the view gives `Amounts` as `money` in its row context."""
    return Computed(_show, minor, currency, output=AmountSerializer(allow_null=allow_null), context=("money",))


def plain_before(*names: str) -> VersionChange:
    """How older trains know these amounts: as decimals, with the currency of the first beside them."""
    decimals = {name: OldField((name,), _decimal) for name in names}
    return VersionChange(
        TRAIN,
        "Amounts became objects; older trains get a decimal and its currency.",
        fields={**decimals, "currency": OldField((names[0],), _currency)},
        write=lambda sent: _as_object(sent, names[0]),
    )


def _show(money: Amounts, minor: int | None, currency: str) -> dict[str, Any] | None:
    return None if minor is None else money(minor, currency)


def _decimal(amount: Mapping[str, Any] | None) -> Any:
    return amount and amount["amount"]


def _currency(amount: Mapping[str, Any] | None) -> Any:
    return amount and amount["currency"]


def _as_object(sent: dict[str, Any], name: str) -> dict[str, Any]:
    if isinstance(sent.get(name), dict):
        return sent
    currency = sent.pop("currency", None)
    return {**sent, name: {"amount": sent[name], "currency": currency}} if name in sent and currency else sent
