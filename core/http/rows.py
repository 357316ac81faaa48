"""The lean way of reading: a serializer's field list compiled into one function over tuples.

`compile_rows(EventSerializer, wire)` knows which columns to select and renders the rows that come back, with
links, sparse fields, expansions and older trains, byte for byte as the serializer would. A field whose
rendering is not known here raises when it is compiled, never when it is served.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from django.db.models import UUIDField
from rest_framework import serializers as drf

from core.http import versions
from core.http.access import Caller
from core.http.fieldsets import EVERYTHING, LINKS, Fieldset
from core.http.links import ID, Link, template_of
from core.http.serializers import AnyField, Computed, WireFieldsMixin
from core.http.wire import SNAKE_WIRE, Wire

Row = Sequence[Any]
# orjson writes these values as the field would: the field is known by the method that renders it,
# so a subclass with a rendering of its own is not mistaken for its parent.
_AS_SELECTED = {
    known.to_representation
    for known in (
        drf.BooleanField, drf.CharField, drf.ChoiceField, drf.DateField, drf.DateTimeField, drf.FloatField,
        drf.IntegerField, drf.JSONField, drf.PrimaryKeyRelatedField, drf.ReadOnlyField, drf.TimeField, drf.UUIDField,
    )
}  # fmt: skip
_BY_THE_FIELD = {known.to_representation for known in (drf.DecimalField, drf.DurationField, drf.ListField)}


class Uncompilable(TypeError):
    """A field whose rendering the lean path does not know."""


@dataclass(frozen=True, slots=True)
class Rows:
    """`columns` to select, and what turns rows of them into JSON values. More columns may follow in a row."""

    columns: tuple[str, ...]
    _render: Callable[..., list[dict[str, Any]]]

    def render(
        self,
        rows: Iterable[Row],
        *,
        caller: Caller | None = None,
        root: str = "/",
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Render rows; `root` is the surface's prefix, `context` holds what `Computed` fields need."""
        return self._render(rows, caller, root, context or {})


@lru_cache(maxsize=1024)
def compile_rows(
    serializer_class: type[WireFieldsMixin],
    wire: Wire = SNAKE_WIRE,
    fieldset: Fieldset = EVERYTHING,
    links: tuple[Link, ...] = (),
) -> Rows:
    """Compile one serializer as one surface, train and caller's choice of fields see it.

    Raises:
        Uncompilable: a field that has no lean rendering.
    """
    serializer = serializer_class(context={"wire": wire, "fieldset": fieldset})
    source = _Source()
    body = source.resource(serializer, "")
    linking = source.links(serializer_class, links, wire) if links and fieldset.shows(LINKS) else []
    if linking:
        body = "{" + ", ".join(filter(None, [body[1:-1], f"{LINKS!r}: links"])) + "}"
    if versions.unknown_to(wire, serializer_class.version_changes):
        body = source.known_to(serializer_class, wire, body, fieldset)
    return Rows(tuple(source.columns), source.compiled(body, linking))


@dataclass
class _Source:
    """The Python source of one function, as it grows field by field."""

    columns: dict[str, str] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> str:
        return self.columns.setdefault(name, f"c{len(self.columns)}")

    def bound(self, value: Any) -> str:
        name = f"f{len(self.names)}"
        self.names[name] = value
        return name

    def resource(self, serializer: Any, prefix: str) -> str:
        entries = (f"{name!r}: {self.value(entry, prefix)}" for name, entry in serializer.fields.items())
        return "{" + ", ".join(entries) + "}"

    def value(self, entry: AnyField, prefix: str) -> str:
        """The expression that renders one field."""
        if isinstance(entry, Computed):
            return self.computed(entry, prefix)
        column = prefix + str(entry.source).replace(".", "__")
        if isinstance(entry, WireFieldsMixin):
            return self.embedded(entry, column)
        renders = type(entry).to_representation
        if renders in _AS_SELECTED and getattr(entry, "format", None) is None:
            return self.column(column)
        if renders in _BY_THE_FIELD:
            selected = self.column(column)
            return f"(None if {selected} is None else {self.bound(entry.to_representation)}({selected}))"
        raise Uncompilable(f"{type(entry).__name__} ({entry.field_name}) has no lean rendering; use Computed.")

    def computed(self, entry: Computed, prefix: str) -> str:
        needed = [self.needs.setdefault(name, f"n{len(self.needs)}") for name in entry.needs]
        selected = [self.column(prefix + name) for name in entry.columns]
        return f"{self.bound(entry.function)}({', '.join([*needed, *selected])})"

    def embedded(self, serializer: WireFieldsMixin, column: str) -> str:
        if serializer.links is not None:
            raise Uncompilable(f"{type(serializer).__name__} has links; embed a serializer without.")
        body = self.resource(serializer, f"{column}__")
        if versions.unknown_to(serializer.wire, serializer.version_changes):
            body = self.known_to(type(serializer), serializer.wire, body, EVERYTHING)
        is_model = hasattr(getattr(serializer, "Meta", None), "model")
        return f"(None if {self.column(f'{column}__pk' if is_model else column)} is None else {body})"

    def known_to(self, serializer_class: type[WireFieldsMixin], wire: Wire, body: str, fieldset: Fieldset) -> str:
        changes = serializer_class.version_changes
        step_back = self.bound(lambda shown: versions.as_known_to(wire, changes, shown, fieldset))
        return f"{step_back}({body})"

    def links(self, serializer_class: type[WireFieldsMixin], offered: tuple[Link, ...], wire: Wire) -> list[str]:
        """The statements that build `links` for one row; rows that agree in what these depend on share a template."""
        declared = serializer_class.links
        assert declared is not None
        parent = (declared.parent,) if declared.parent else ()
        of = (name for link in offered for name in link.of)
        columns = tuple(dict.fromkeys((*parent, *of)))
        places = [[columns.index(name) for name in link.of] for link in offered]

        def template(caller: Caller | None, root: str, *values: Any) -> bytes:
            judged = [(link, [values[i] for i in at]) for link, at in zip(offered, places, strict=True)]
            return template_of(declared.under(root, values[0] if parent else None), wire, caller, judged)

        values = "".join(f"{self.column(name)}, " for name in columns)
        key = "".join(f"{_quickly_compared(serializer_class, name, self.column(name))}, " for name in columns)
        return [
            f"template = templates.get(({key}))",
            "if template is None:",
            f"    template = templates[({key})] = {self.bound(template)}(caller, root, {values})",
            f"links = Fragment(template.replace(ID, dumps(str({self.column(declared.id)}))[1:-1]))",
        ]

    def compiled(self, body: str, linking: list[str]) -> Callable[..., list[dict[str, Any]]]:
        prelude = [f"{local} = context[{name!r}]" for name, local in self.needs.items()]
        lines = [
            "def render(rows, caller, root, context):",
            *(f"    {line}" for line in prelude),
            "    rendered, templates = [], {}",
            f"    for {', '.join(self.columns.values())}, *_ in rows:",
            *(f"        {line}" for line in linking),
            f"        rendered.append({body})",
            "    return rendered",
        ]
        namespace = {**self.names, "Fragment": orjson.Fragment, "dumps": orjson.dumps, "ID": ID}
        exec("\n".join(lines), namespace)  # noqa: S102  the source is built from declarations, not from requests
        render: Callable[..., list[dict[str, Any]]] = namespace["render"]
        return render


def _quickly_compared(serializer_class: Any, column: str, value: str) -> str:
    """The expression by which equal values of a column are told; ids are compared in Python, their numbers in C."""
    model = getattr(getattr(serializer_class, "Meta", None), "model", None)
    fields = (
        {field.attname: getattr(field, "target_field", field) for field in model._meta.concrete_fields} if model else {}
    )
    return f"({value} and {value}.int)" if isinstance(fields.get(column), UUIDField) else value
