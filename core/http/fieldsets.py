"""Sparse answers: `?fields=` keeps some of a resource's fields, `?expand=` embeds what others refer to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid
from core.http.wire import Wire

LINKS = "_links"
FIELDSET_PARAMETERS = frozenset({"fields", "expand"})


@dataclass(frozen=True, slots=True)
class Fieldset:
    """Declared (snake-case) names; without `fields` all of them are shown."""

    fields: frozenset[str] = frozenset()
    expand: frozenset[str] = frozenset()

    def shows(self, name: str) -> bool:
        return not self.fields or name in self.fields


EVERYTHING = Fieldset()


def fieldset_of(
    parameters: Mapping[str, Any], wire: Wire, fields: Iterable[str], expandable: Iterable[str]
) -> Fieldset:
    """Read `fields` and `expand`, written in the surface's case. What is expanded is shown, named by `fields` or not.

    Raises:
        Invalid: a name that the resource does not have, or cannot expand.
    """
    expand = _names(parameters, "expand", wire, expandable)
    shown = _names(parameters, "fields", wire, [*fields, *expand, LINKS])
    return Fieldset(shown | expand if shown else shown, expand)


def _names(parameters: Mapping[str, Any], parameter: str, wire: Wire, known: Iterable[str]) -> frozenset[str]:
    asked = parameters.get(parameter)
    if asked is None:
        return frozenset()
    declared = {wire.name(name): name for name in known}
    unknown = [name for name in asked.split(",") if name not in declared]
    if unknown:
        choices = ", ".join(sorted(declared)) or "nothing"
        raise Invalid.field(
            parameter, f"There is no {unknown[0][:50]!r} here. Choose from: {choices}.", "unknown_field"
        )
    return frozenset(declared[name] for name in asked.split(","))
