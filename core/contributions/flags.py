"""Feature flags as apps declare them in `<app>/flags.py`; `experiments/` evaluates them.

A view that belongs to a feature says so with `feature = FLAG`, and is gone while the feature is off.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flag:
    """One switch.

    Args:
        name: stable, the same in LaunchDarkly: `mobile_launchpad_v2`.
        description: what is there while it is on, in one sentence for staff.
        default: what holds as long as nobody has decided otherwise, and where nobody can be asked.
        is_told: whether apps are told of it.
    """

    name: str
    description: str
    default: bool
    is_told: bool = True


_flags: dict[str, Flag] = {}


def declare_flag(flag: Flag) -> Flag:
    known = _flags.setdefault(flag.name, flag)
    if known != flag:
        raise ValueError(f"Two flags are called {flag.name!r}.")
    return flag


def declared_flags() -> tuple[Flag, ...]:
    return tuple(_flags[name] for name in sorted(_flags))
