"""The words of app linking."""

from enum import StrEnum


class PinVerdict(StrEnum):
    """What a reported certificate was: one of ours that the app's pins are too old for, or somebody else's."""

    STALE = "stale"
    FOREIGN = "foreign"
