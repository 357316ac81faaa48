"""The catalogue of error codes, from the error classes themselves."""

from collections.abc import Iterator

from core.contributions.catalogues import catalogue
from core.errors import AppError


@catalogue("errors")
def render() -> str:
    """`docs/generated/errors.md`: every code a client can meet, with its status and its sentence."""
    rows = sorted({(error.status, error.code, error.detail) for error in _all(AppError)})
    lines = [f"| {status} | `{code}` | {detail} |" for status, code, detail in rows]
    return "\n".join(["# Error codes", "", "| status | code | detail |", "|---|---|---|", *lines, ""])


def _all(error: type[AppError]) -> Iterator[type[AppError]]:
    yield error
    for special in error.__subclasses__():
        yield from _all(special)
