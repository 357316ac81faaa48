"""The data inventory as a page."""

from core.contributions.catalogues import catalogue
from core.contributions.privacy import impersonal_models
from privacy import inventory


@catalogue("data_inventory")
def render() -> str:
    """`docs/generated/data_inventory.md`: the record of processing, GDPR article 30, and the source of store labels."""
    return "\n".join(
        [
            "# Data inventory",
            "",
            "| collection | model | category | fields | purpose | basis | retention | shared with | erasure |",
            "|---|---|---|---|---|---|---|---|---|",
            *(_row(entry) for entry in inventory.entries()),
            "",
            "## Tables that tell nothing of anybody",
            "",
            "| model | why |",
            "|---|---|",
            *(f"| `{label}` | {why} |" for label, why in sorted(impersonal_models().items())),
            "",
        ]
    )


def _row(entry: inventory.Entry) -> str:
    cells = (
        f"`{entry.collection}`",
        f"`{entry.model}`",
        entry.category,
        ", ".join(f"`{name}`" for name in entry.fields),
        entry.purpose,
        entry.basis,
        entry.retention,
        ", ".join(entry.shared_with),
        entry.erasure,
    )
    return f"| {' | '.join(cells)} |"
