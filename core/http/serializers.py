"""Base serializers: the surface's key case, sparse fieldsets, links and older trains; nothing unknown accepted.

Only names that a serializer declares change case; keys that are data never do, because the renaming
happens to the declared fields themselves and not to the rendered document.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from core.http import versions
from core.http.fieldsets import EVERYTHING, LINKS, Fieldset
from core.http.links import Links, values_of
from core.http.versions import VersionChange
from core.http.wire import SNAKE_WIRE, Wire, root_of

AnyField = serializers.Field[Any, Any, Any, Any]


class Computed(serializers.Field[Any, Any, Any, Any]):
    """A read-only value computed from columns of the row, the same on every way of reading it.

    Args:
        function: called with the values of `context`, then those of `columns`; returns a JSON value.
        columns: as a query names them (`starts_at`, `owner__timezone`).
        output: the field that describes the value in the API document.
        context: values of the request that the function needs first, such as `timezone`.
    """

    def __init__(
        self, function: Callable[..., Any], *columns: str, output: AnyField, context: tuple[str, ...] = ()
    ) -> None:
        super().__init__(read_only=True, source="*")
        self.function, self.columns, self.output, self.needs = function, columns, output, context

    def to_representation(self, value: Any) -> Any:
        return self.function(*(self.context[name] for name in self.needs), *values_of(value, self.columns))


class WireFieldsMixin(serializers.Serializer[Any]):
    """Declares fields in snake case and speaks the case of the request's surface.

    `expandable` names the relations that `?expand=` embeds, each with the serializer that shows it.
    """

    links: ClassVar[Links | None] = None
    version_changes: ClassVar[tuple[VersionChange, ...]] = ()
    expandable: ClassVar[Mapping[str, type[serializers.Serializer[Any]]]] = {}

    @property
    def wire(self) -> Wire:
        wire: Wire | None = self.context.get("wire") or getattr(self.context.get("request"), "wire", None)
        return wire or SNAKE_WIRE

    @property
    def fieldset(self) -> Fieldset:
        """What the caller asked to see of the outermost resource; embedded ones are shown whole."""
        is_outermost = self.parent is None or (
            self.parent is self.root and isinstance(self.root, serializers.ListSerializer)
        )
        is_input = hasattr(self.root, "initial_data")
        return self.context.get("fieldset", EVERYTHING) if is_outermost and not is_input else EVERYTHING

    def get_fields(self) -> dict[str, AnyField]:
        wire, fieldset = self.wire, self.fieldset
        fields = super().get_fields()
        for name in fieldset.expand:
            fields[name] = self.expandable[name](read_only=True, allow_null=True)
        shown = self._needed(fieldset)
        return {wire.name(name): _sourced(field, name, wire) for name, field in fields.items() if shown(name)}

    def _needed(self, fieldset: Fieldset) -> Callable[[str], bool]:
        """Which fields must be read: those shown, and those from which an older train's are computed."""
        behind = frozenset[str]()
        for change in versions.unknown_to(self.wire, self.version_changes)[::-1]:
            for name, old in change.fields.items():
                behind |= frozenset(old.of) if fieldset.shows(name) or name in behind else frozenset()
        return lambda name: fieldset.shows(name) or name in behind

    def to_representation(self, instance: Any) -> Any:
        shown = super().to_representation(instance)
        wire, fieldset = self.wire, self.fieldset
        if self.links is not None and fieldset.shows(LINKS) and "request" in self.context:
            request = self.context["request"]
            shown[LINKS] = self.links.of_instance(instance, request.user, root_of(request.path), wire)
        return versions.as_known_to(wire, self.version_changes, shown, fieldset)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            is_text = isinstance(data, TextValues | MultiValueDict)
            data = versions.newer(data, self.wire, self.version_changes)
            self._refuse_unwritable(data, is_text=is_text)
        return super().to_internal_value(data)

    def _refuse_unwritable(self, data: Mapping[str, Any], *, is_text: bool) -> None:
        errors = {}
        for name, value in data.items():
            field = self.fields.get(name)
            if field is None:
                errors[name] = [serializers.ErrorDetail("There is no such field.", code="unknown_field")]
            elif field.read_only:
                errors[name] = [serializers.ErrorDetail("This field cannot be written.", code="read_only_field")]
            elif not is_text and (wanted := _missed_type(field, value)):
                errors[name] = [serializers.ErrorDetail(f"Must be {wanted}.", code="invalid_type")]
        if errors:
            raise serializers.ValidationError(errors)


class TextValues(dict[str, Any]):
    """Input that had to be written as text, such as a query string, so that types cannot be asked of it."""


# What JSON must hold for a field, because DRF would convert: 0 to false, 12.5 to a sum of money, 7 to a title.
_JSON_TYPES: tuple[tuple[type[AnyField], type, str], ...] = (
    (serializers.BooleanField, bool, "true or false"),
    (serializers.IntegerField, int, "an integer"),
    (serializers.DecimalField, str, "a decimal number in a string"),
    (serializers.CharField, str, "a string"),
    (serializers.UUIDField, str, "a string"),
)


def _missed_type(field: AnyField, value: Any) -> str:
    """The JSON type that `value` should have had, in words; empty when it is right, or the field's to judge."""
    if value is None:
        return ""
    for kind, wanted, words in _JSON_TYPES:
        if isinstance(field, kind):
            return "" if type(value) is wanted else words
    return ""


def _sourced(field: AnyField, name: str, wire: Wire) -> AnyField:
    """Keep a renamed field reading from, and writing to, the name it was declared under."""
    if isinstance(field, serializers.SerializerMethodField):
        field.method_name = field.method_name or f"get_{name}"
    elif field.source is None and wire.name(name) != name:
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
