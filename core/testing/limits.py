"""Asking until a limit refuses. Limits that a real clock refills let in as many more as it has had time for."""

from collections.abc import Iterable
from time import monotonic
from typing import Any, NamedTuple


class Answered(NamedTuple):
    """How many requests were answered before the refusal, and in which time."""

    number: int
    seconds: float


def until_refused(answers: Iterable[Any]) -> tuple[Answered, Any]:
    """Take answers up to the first `429`, and that one too."""
    began = monotonic()
    for number, answer in enumerate(answers):
        if answer.status_code == 429:
            return Answered(number, monotonic() - began), answer
    raise AssertionError("Nothing was refused.")
