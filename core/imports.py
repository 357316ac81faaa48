"""Leaving out, while others load, what they would load only because it happens to be installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast

_ABSENT = cast("ModuleType", None)  # the entry of `sys.modules` that makes an import fail as if there were no module


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Let no import in this block find these modules, unless they are loaded already."""
    hidden = [module for module in modules if module not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden, _ABSENT))
    try:
        yield
    finally:
        for module in hidden:
            if sys.modules.get(module, _ABSENT) is _ABSENT:
                sys.modules.pop(module, None)
