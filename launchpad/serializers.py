"""How a home screen looks on the wire."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.http.money import Amounts
from core.http.serializers import Serializer
from core.http.wire import Wire
from core.money import Money


@extend_schema_field({"type": "object", "additionalProperties": {}})
class DataField(serializers.Field[Any, Any, Any, Any]):
    """What a card says to the app: names in the surface's case, amounts as everywhere."""

    def to_representation(self, value: Any) -> Any:
        return _shown(value, self.context["request"].wire, self.context["money"])


class HomeWorkspaceSerializer(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    currency = serializers.CharField()


class CardSerializer(Serializer):
    id = serializers.CharField(help_text="The same for the same card, whenever it is asked for.")
    type = serializers.CharField(help_text="One of the types of the generated catalogue; show others as text.")
    title = serializers.CharField(source="card.title")
    subtitle = serializers.CharField(source="card.subtitle")
    priority = serializers.IntegerField(source="card.priority", help_text="Cards come in this order, highest first.")
    deep_link = serializers.SerializerMethodField()
    data = DataField(source="card.data")  # type: ignore[assignment]  # a name of DRF's own, asked of roots alone
    expires_at = serializers.DateTimeField(source="card.expires_at", allow_null=True)

    def get_deep_link(self, placed: Any) -> str:
        return f"{settings.PUBLIC_BASE_URL}/l/{placed.card.link}"


class LaunchpadSerializer(Serializer):
    workspace = HomeWorkspaceSerializer(allow_null=True)
    generated_at = serializers.DateTimeField()
    cards = CardSerializer(many=True)
    flags = serializers.DictField(child=serializers.BooleanField())


def _shown(value: Any, wire: Wire, money: Amounts) -> Any:
    if isinstance(value, Money):
        return money(value.minor, value.currency)
    if isinstance(value, Mapping):
        return {wire.name(name): _shown(each, wire, money) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each, wire, money) for each in value]
    return value
