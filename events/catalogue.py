"""The catalogue of domain events, from their classes."""

import inspect
from dataclasses import fields
from typing import get_type_hints

from core.contributions.catalogues import catalogue
from core.contributions.events import DomainEvent, event_types, subscribers_of


@catalogue("events")
def render() -> str:
    """`docs/generated/events.md`: every event with its fields and who hears of it."""
    head = ["# Domain events", "", "Every payload also has `aggregate_id`, the subject of the event.", ""]
    ours = [kind for kind in event_types() if not kind.__module__.startswith("tests.")]
    return "\n".join(head + [line for kind in ours for line in _section(kind)])


def _section(kind: type[DomainEvent]) -> list[str]:
    hints = get_type_hints(kind)
    rows = [
        f"| `{field.name}` | `{_type_name(hints[field.name])}` |"
        for field in fields(kind)
        if field.name != "aggregate_id"
    ]
    table = ["| field | type |", "|---|---|", *rows, ""] if rows else []
    heard = ", ".join(f"`{name}`" for name in subscribers_of(kind.name)) or "nobody yet"
    return [
        f"## `{kind.name}` v{kind.version}",
        "",
        *_description(kind),
        f"Subject: {kind.aggregate}. Heard by: {heard}.",
        "",
        *table,
    ]


def _description(kind: type[DomainEvent]) -> list[str]:
    """The class's own docstring; `dataclass` writes a signature where there is none."""
    text = inspect.cleandoc(kind.__doc__ or "")
    return [] if not text or text.startswith(f"{kind.__name__}(") else [text, ""]


def _type_name(hint: object) -> str:
    return hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
