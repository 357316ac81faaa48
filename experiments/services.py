"""Setting flags. Whether staff may is asked by their screen."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from access.services import record
from core.contributions.flags import declared_flags
from events.services import publish
from experiments import held
from experiments.errors import InvalidSetting
from experiments.events import FlagSet
from experiments.models import FeatureFlag, FlagException
from experiments.selectors import get_flag, setting_of
from experiments.targeting import VERSION, parsed
from experiments.types import Setting


@transaction.atomic
def set_flag(*, actor: UUID, name: str, setting: Setting, reason: str) -> None:
    """Set a flag for everybody at once; setting it to what it is changes nothing. `actor` is the id of who sets it.

    Raises:
        UnknownFlag: no app declares it.
        InvalidSetting: the setting contradicts itself.
    """
    get_flag(name)
    check(setting)
    flag, _ = FeatureFlag.objects.select_for_update().get_or_create(name=name)
    before = setting_of(name)
    if setting == before:
        return
    for field in ("state", "rollout", "since", "before"):
        setattr(flag, field, getattr(setting, field))
    flag.roles, flag.platforms = sorted(setting.roles), sorted(setting.platforms)
    flag.rev += 1
    flag.save()
    _replace_exceptions(flag, setting)
    record(
        action="flag.set",
        outcome="success",
        user_id=actor,
        target_type="flag",
        target_id=name,
        reason=reason,
        changed=_changes(before, setting),
    )
    publish(FlagSet(aggregate_id=flag.id, flag=name, state=setting.state), actor_id=actor)
    held.CHANGED.change()


def synchronise(using: str = "default", **_: Any) -> None:
    """Give every declared flag its row, for staff to find. Runs after every `migrate`."""
    if FeatureFlag._meta.db_table not in connections[using].introspection.table_names():
        return
    rows = (FeatureFlag(name=flag.name) for flag in declared_flags())
    FeatureFlag.objects.using(using).bulk_create(rows, ignore_conflicts=True)


def check(setting: Setting) -> None:
    """Raises: InvalidSetting."""
    named = [version for version in (setting.since, setting.before) if version]
    if not all(VERSION.fullmatch(version) for version in named):
        raise InvalidSetting("Write versions like 2024.09 or 2024.09.1.")
    if len(named) > 1 and parsed(setting.since) >= parsed(setting.before):
        raise InvalidSetting("No version is both as new as the first and older than the last.")
    if setting.always_on & setting.always_off:
        raise InvalidSetting("Somebody is named both for on and for off.")
    named_ids = setting.always_on | setting.always_off
    if unknown := sorted(named_ids - _existing("user", named_ids) - _existing("workspace", named_ids)):
        raise InvalidSetting(f"There is nobody and no workspace with the id {unknown[0]}.")


def _replace_exceptions(flag: FeatureFlag, setting: Setting) -> None:
    wanted = dict.fromkeys(setting.always_on, True) | dict.fromkeys(setting.always_off, False)
    people = _existing("user", wanted)
    flag.exceptions.all().delete()
    FlagException.objects.bulk_create(
        FlagException(flag=flag, is_on=is_on, **{"user_id" if each in people else "workspace_id": each})
        for each, is_on in wanted.items()
    )


def _existing(kind: str, ids: Iterable[str]) -> set[str]:
    """Which of the ids are of people, or of workspaces."""
    model: Any = FlagException._meta.get_field(kind).related_model
    return {str(each) for each in model.objects.filter(pk__in=list(ids)).values_list("pk", flat=True)}


def _changes(before: Setting, after: Setting) -> dict[str, list[Any]]:
    """What differs, as `[before, after]`."""
    old, new = _plain(before), _plain(after)
    return {name: [old[name], new[name]] for name in new if old[name] != new[name]}


def _plain(setting: Setting) -> dict[str, Any]:
    values = {name: getattr(setting, name) for name in Setting.__dataclass_fields__}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}
