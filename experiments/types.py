"""What staff may say of a flag, and of whom it is asked."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`declared` leaves it to the code; `off` is off for everybody, without exception."""

    DECLARED = "declared"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Setting:
    """What staff have set of one flag. While it is on, it is on for whom all of this is true:

    Args:
        rollout: percent of people, always the same ones; those of 10 % are among those of 20 %.
        roles: they act with one of these roles; empty for anybody.
        platforms: their session is of one of these (`android`, `ios`, `web`); empty for any.
        since, before: their app is of this version or newer, and older than that one; empty for any.
        always_on, always_off: people and workspaces for whom none of the above counts, by their ids;
            people come before workspaces.
    """

    state: State = State.DECLARED
    rollout: int = 100
    roles: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    since: str = ""
    before: str = ""
    always_on: frozenset[str] = frozenset()
    always_off: frozenset[str] = frozenset()


NOTHING_SET = Setting()


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom a flag is asked."""

    user_id: str
    workspace_id: str
    roles: frozenset[str]
    platform: str
    app_version: str
