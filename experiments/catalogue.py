"""All flags as a page."""

from core.contributions.catalogues import catalogue
from core.contributions.flags import Flag, declared_flags


@catalogue("flags")
def render() -> str:
    """`docs/generated/flags.md`: every switch, what it is for, and how it stands where nobody has set it."""
    head = [
        "# Feature flags",
        "",
        "| flag | default | told to apps | what is there while it is on |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *map(_row, declared_flags()), ""])


def _row(flag: Flag) -> str:
    default, is_told = "on" if flag.default else "off", "yes" if flag.is_told else "no"
    return f"| `{flag.name}` | {default} | {is_told} | {flag.description} |"
