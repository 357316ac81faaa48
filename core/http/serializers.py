"""Base serializers: the surface's key case, and nothing unknown accepted.

Only names that a serializer declares change case; keys that are data never do, because the renaming
happens to the declared fields themselves and not to the rendered document.
"""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from core.http.wire import SNAKE_WIRE, Case, Wire, camel

AnyField = serializers.Field[Any, Any, Any, Any]


class WireFieldsMixin(serializers.Serializer[Any]):
    """Declares fields in snake case and speaks the case of the request's surface.

    Unknown and read-only names in the input are refused, never ignored.
    """

    @property
    def wire(self) -> Wire:
        return getattr(self.context.get("request"), "wire", SNAKE_WIRE)

    def get_fields(self) -> dict[str, AnyField]:
        fields = super().get_fields()
        if self.wire.case is Case.SNAKE:
            return fields
        return {camel(name): _sourced(field, name) for name, field in fields.items()}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            self._refuse_unwritable(data)
        return super().to_internal_value(data)

    def _refuse_unwritable(self, data: Mapping[str, Any]) -> None:
        errors = {}
        for name in data:
            field = self.fields.get(name)
            if field is None:
                errors[name] = [serializers.ErrorDetail("There is no such field.", code="unknown_field")]
            elif field.read_only:
                errors[name] = [serializers.ErrorDetail("This field cannot be written.", code="read_only_field")]
        if errors:
            raise serializers.ValidationError(errors)


def _sourced(field: AnyField, name: str) -> AnyField:
    """Keep a renamed field reading from, and writing to, the name it was declared under."""
    if isinstance(field, serializers.SerializerMethodField):
        field.method_name = field.method_name or f"get_{name}"
    elif field.source is None and camel(name) != name:
        field.source = name
    return field


class Serializer(WireFieldsMixin, serializers.Serializer[Any]):
    """For shapes that are not one model."""


class ModelSerializer(WireFieldsMixin, serializers.ModelSerializer[Any]):
    """For shapes of one model. Writing is a service's work, so `create` and `update` are closed."""

    def create(self, validated_data: Any) -> Any:
        raise TypeError("Serializers do not write: call a service.")

    def update(self, instance: Any, validated_data: Any) -> Any:
        raise TypeError("Serializers do not write: call a service.")
