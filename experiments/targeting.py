"""Whether a flag is on for somebody: functions of plain values. Not here: where settings come from (`held.py`)."""

import re
from functools import lru_cache
from hashlib import blake2b

from experiments.types import Setting, State, Subject

VERSION = re.compile(r"20\d\d\.(?:0[1-9]|1[0-2])(?:\.\d{1,5})?")
_PARTS = 3


def is_on(name: str, setting: Setting, subject: Subject, default: bool) -> bool:
    """What a flag is for one subject; `default` where nothing is set."""
    if setting.state is not State.ON:
        return default if setting.state is State.DECLARED else False
    for named in (subject.user_id, subject.workspace_id):
        if named in setting.always_off or named in setting.always_on:
            return named not in setting.always_off
    return _is_meant(setting, subject) and is_rolled_out(name, subject.user_id, setting.rollout)


def is_rolled_out(name: str, user_id: str, percent: int) -> bool:
    """Whether somebody is among the first `percent` of a hundred; each flag draws its own order of people."""
    digest = blake2b(f"{name}:{user_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % 10_000 < percent * 100


def _is_meant(setting: Setting, subject: Subject) -> bool:
    version = parsed(subject.app_version)
    return (
        (not setting.roles or not setting.roles.isdisjoint(subject.roles))
        and (not setting.platforms or subject.platform in setting.platforms)
        and (not setting.since or version >= parsed(setting.since))
        and (not setting.before or version < parsed(setting.before))
    )


@lru_cache(maxsize=256)
def parsed(version: str) -> tuple[int, ...]:
    """`2024.09` as `(2024, 9, 0)`."""
    parts = [int(part) for part in version.split(".")]
    return (*parts, *[0] * (_PARTS - len(parts)))
