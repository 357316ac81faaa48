"""One trigger as a value, and what both databases' generators read from a declaration."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from core.contributions.feed import EVERYBODY, Tracked

PREFIX = "feed_"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger to create. Its name ends in a digest of its text, so comparing names finds what is out of date."""

    name: str
    table: str
    create: tuple[str, ...]

    @classmethod
    def build(cls, subject: str, table: str, *create: str) -> "Trigger":
        """`create` are templates; `{name}` stands for the trigger's name."""
        digest = hashlib.sha256("\n".join((table, *create)).encode()).hexdigest()[:10]
        name = f"{PREFIX}{subject[:45]}_{digest}"
        return cls(name, table, tuple(statement.replace("{name}", name) for statement in create))


def scope_columns(tracked: Tracked) -> "list[tuple[str, models.Field[Any, Any] | None]]":
    """`(prefix, field)` per scope of a collection; the scope `all` has no field."""
    fields = tracked.model._meta
    return [(f"{kind}:", fields.get_field(name)) for kind, name in tracked.scopes] or [(EVERYBODY, None)]


def is_uuid(field: "models.Field[Any, Any]") -> bool:
    """Whether the column holds a UUID, seen through foreign keys."""
    target = getattr(field, "target_field", field)
    return isinstance(target, models.UUIDField)


def models_with_rev() -> Iterable[type[models.Model]]:
    """Models of ours whose rows carry their own version."""
    return (
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and _has_rev(model)
    )


def _has_rev(model: type[models.Model]) -> bool:
    return {"rev", "updated_at"} <= {field.name for field in model._meta.local_concrete_fields}
