"""Links into the marketplace, as people without the app see them."""

from core.contributions.links import UniversalLink, declare_links

declare_links(
    UniversalLink("explorer", "The marketplace of Gigvora", "Open it in the app to find work and people."),
    UniversalLink("explorer/listings", "A listing on Gigvora", "Open it in the app to read it and to apply."),
    UniversalLink("explorer/applications", "An application on Gigvora", "Open it in the app to see how it stands."),
)
