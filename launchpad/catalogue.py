"""All cards as a page."""

from core.contributions.cards import CardSource, card_sources
from core.contributions.catalogues import catalogue


@catalogue("cards")
def render() -> str:
    """`docs/generated/cards.md`: every type of card, what it tells, and who gets it."""
    columns = "| type | tells | scope | roles | since | cached for |"
    return "\n".join(["# Cards of the home screen", "", columns, "|---|---|---|---|---|---|", *_rows(), ""])


def _rows() -> list[str]:
    return [_row(source) for source in card_sources()]


def _row(source: CardSource) -> str:
    scope = f"`{source.scope}`" if source.scope else "any"
    roles = ", ".join(sorted(source.roles)) or "any"
    whose = "the person" if source.is_personal else "the workspace"
    return f"| `{source.type}` | {source.summary} | {scope} | {roles} | {source.since} | {whose} |"
