"""The copy of all settings that each process holds, so that evaluating a flag asks neither database nor cache."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from core.stamps import Stamp
from experiments.models import FeatureFlag, FlagException
from experiments.types import Setting, State

CHANGED = Stamp("flags:changed")
KEEP = 60.0  # seconds; how long a change goes unseen whose process died before it could set the stamp


@dataclass(frozen=True, slots=True)
class Held:
    settings: Mapping[str, Setting]
    stamp: Any
    until: float


class Copy:
    """Settings by the name of their flag. Without a database the last ones known hold."""

    def __init__(self) -> None:
        self._held: Held | None = None

    def settings(self) -> Mapping[str, Setting]:
        held, stamp = self._held, CHANGED.current()
        if held is None or held.stamp != stamp or monotonic() > held.until:
            held = self._held = self._read(stamp)
        return held.settings

    def _read(self, stamp: Any) -> Held:
        """`stamp` was read before the rows, so what changes meanwhile is read once more."""
        try:
            return Held(read_settings(), stamp, monotonic() + KEEP)
        except DatabaseError:
            if self._held is None:
                raise
            return self._held

    def forget(self) -> None:
        self._held = None


def read_settings() -> dict[str, Setting]:
    """What stands in the tables, by two queries."""
    exceptions: dict[tuple[UUID, bool], set[str]] = defaultdict(set)
    for flag_id, user_id, workspace_id, is_on in FlagException.objects.values_list(
        "flag_id", "user_id", "workspace_id", "is_on"
    ):
        exceptions[flag_id, is_on].add(str(user_id or workspace_id))
    return {flag.name: _setting(flag, exceptions) for flag in FeatureFlag.objects.all()}


def _setting(flag: FeatureFlag, exceptions: Mapping[tuple[UUID, bool], set[str]]) -> Setting:
    return Setting(
        state=State(flag.state),
        rollout=flag.rollout,
        roles=frozenset(flag.roles),
        platforms=frozenset(flag.platforms),
        since=flag.since,
        before=flag.before,
        always_on=frozenset(exceptions[flag.id, True]),
        always_off=frozenset(exceptions[flag.id, False]),
    )


copy = Copy()
