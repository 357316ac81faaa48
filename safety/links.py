"""Links to reports and decisions, as people without the app see them."""

from core.contributions.links import UniversalLink, declare_links

declare_links(
    UniversalLink("reports", "A report on Gigvora", "Open it in the app to see what was decided."),
    UniversalLink("safety/removed", "A decision on Gigvora", "Open it in the app to read why it was taken."),
)
