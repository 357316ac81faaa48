"""Choosing what to be told."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from access.types import Principal
from core.contributions.notices import Category, Channel
from core.db.changes import lock, save_changes
from core.errors import FieldError, Invalid
from notifications.models import Preferences
from notifications.types import ALWAYS_ON, QuietHours, Wishes

Choices = Mapping[Category, Mapping[Channel, bool]]


@transaction.atomic
def change_wishes(*, actor: Principal, choices: Choices | None = None, **given: Any) -> Wishes:
    """Change what the actor wants to be told; what is not `given` stays as it is.

    `quiet` is `QuietHours` or `None`, `max_per_day` a number or `None`; `choices` say of channels whether they are on.

    Raises:
        Invalid: a category that cannot be turned off.
    """
    chosen = {category.value: {c.value: on for c, on in ways.items()} for category, ways in (choices or {}).items()}
    _refuse_silence(chosen)
    Preferences.objects.get_or_create(user_id=actor.user_id)
    row = lock(Preferences.objects.all(), user_id=actor.user_id)
    changes: dict[str, Any] = {
        "choices": {**row.choices, **{name: {**row.choices.get(name, {}), **ways} for name, ways in chosen.items()}}
    }
    if "quiet" in given:
        changes |= _columns(given["quiet"])
    if "max_per_day" in given:
        changes["max_per_day"] = given["max_per_day"]
    return save_changes(row, **changes).wishes


def _columns(quiet: QuietHours | None) -> dict[str, Any]:
    if quiet is None:
        return {"quiet_from": None, "quiet_until": None, "quiet_zone": ""}
    return {"quiet_from": quiet.starts_at, "quiet_until": quiet.ends_at, "quiet_zone": quiet.zone.key}


def _refuse_silence(chosen: Mapping[str, Mapping[str, bool]]) -> None:
    silenced = [(name, channel) for name in ALWAYS_ON for channel, on in chosen.get(name, {}).items() if not on]
    if silenced:
        message = "This cannot be turned off."
        raise Invalid(errors=[FieldError(f"/categories/{a}/{b}", "always_on", message) for a, b in silenced])
