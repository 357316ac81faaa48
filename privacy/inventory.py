"""The data inventory: what is held of people, why and for how long, read from the apps' declarations."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model

from core.contributions.privacy import (
    Anonymise,
    Data,
    Delete,
    Erasure,
    Goes,
    Perform,
    Personal,
    Retain,
    impersonal_models,
    personal_data,
)

BOOKKEEPING = frozenset({"id", "created_at", "updated_at", "rev"})


@dataclass(frozen=True, slots=True)
class Entry:
    """Some fields of one collection, which have everything in common."""

    collection: str
    model: str
    fields: tuple[str, ...]
    category: str
    purpose: str
    basis: str
    retention: str
    shared_with: tuple[str, ...]
    erasure: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def entries() -> list[Entry]:
    """The whole inventory, by collection; fields that differ in nothing are one entry."""
    found = [_entry(personal, data) for personal in declarations() for data in _merged(personal.data)]
    return sorted(found, key=lambda entry: entry.collection)


def declarations() -> list[Personal]:
    """Every declaration in the order of the floors, lowest first; within an app as it was made."""
    order = {config.label: place for place, config in enumerate(apps.get_app_configs())}
    return sorted(personal_data(), key=lambda personal: order[personal.app])


def outcome(erasure: Erasure) -> str:
    """What becomes of rows when their owner is erased, for people."""
    match erasure:
        case Delete():
            return "deleted"
        case Goes(along):
            return f"as `{along}`"
        case Anonymise(values, kept):
            return f"{', '.join(values)} overwritten. Kept: {kept}"
        case Retain(reason, until):
            return f"kept: {reason} Until: {until}"
        case Perform(_, kept, until):
            return f"what names the person is removed. Kept: {kept} Until: {until}" if kept else "deleted"


def gaps(models: Iterable[type[Model]]) -> list[str]:
    """What the declarations do not cover of `models`: whole models, single fields, missing reasons."""
    declared = {personal.model._meta.label: personal for personal in personal_data()}
    return [gap for model in models for gap in _gaps_of(model, declared.get(model._meta.label))]


def stored_models() -> list[type[Model]]:
    """Every model with a table of its own."""
    known = apps.get_models(include_auto_created=True)
    return [model for model in known if model._meta.managed and not model._meta.proxy]


def _entry(personal: Personal, data: Data) -> Entry:
    return Entry(
        collection=personal.collection,
        model=personal.model._meta.label,
        fields=data.names,
        category=data.category,
        purpose=data.purpose or personal.purpose,
        basis=data.basis or personal.basis,
        retention=data.retention or personal.retention,
        shared_with=data.shared_with or personal.shared_with,
        erasure=outcome(personal.erase),
    )


def _merged(groups: Iterable[Data]) -> list[Data]:
    alike: dict[Data, tuple[str, ...]] = {}
    for group in groups:
        kind = Data(group.category, (), group.purpose, group.basis, group.retention, group.shared_with)
        alike[kind] = alike.get(kind, ()) + group.names
    return [
        Data(kind.category, names, kind.purpose, kind.basis, kind.retention, kind.shared_with)
        for kind, names in alike.items()
    ]


def _gaps_of(model: type[Model], personal: Personal | None) -> Iterator[str]:
    label = model._meta.label
    people = {field.name for field in model._meta.concrete_fields if _names_a_person(field)}
    if personal is None:
        if label not in impersonal_models():
            yield f"{label} is declared neither personal nor impersonal; add it to its app's privacy.py."
        elif people:
            yield f"{label} is declared impersonal, but names people: {', '.join(sorted(people))}."
        return
    wanted = {field.name for field in model._meta.concrete_fields} - BOOKKEEPING
    given = [name for data in personal.data for name in data.names]
    if missing := wanted - set(given):
        yield f"{label} has fields without annotation: {', '.join(sorted(missing))}."
    if unknown := set(given) - wanted:
        yield f"{label} annotates what it has not: {', '.join(sorted(unknown))}."
    if len(given) != len(set(given)):
        yield f"{label} annotates a field twice."
    yield from _unfounded(label, personal)


def _unfounded(label: str, personal: Personal) -> Iterator[str]:
    """Promises that cannot be kept: rows that go along with nothing, reasons that are missing."""
    if isinstance(personal.erase, Goes) and personal.erase.along not in {each.collection for each in personal_data()}:
        yield f"{label} goes along with {personal.erase.along}, which nobody declares."
    if not all((personal.purpose, personal.retention)):
        yield f"{label} says not why, or not for how long."
    if not all(personal.withheld.values()):
        yield f"{label} withholds fields without a reason."


def _names_a_person(field: Any) -> bool:
    target = getattr(field.related_model, "_meta", None)
    is_user = target is not None and target.label == "accounts.User"
    return is_user or field.name in {"user_id", "owner_id", "actor_id", "email"}
