"""Links to mentors and their sessions, as people without the app see them."""

from core.contributions.links import UniversalLink, declare_links

declare_links(
    UniversalLink("mentors", "A mentor on Gigvora", "Open it in the app to see when they have time."),
    UniversalLink("mentors/sessions", "A mentor session on Gigvora", "Open it in the app to see when it is."),
)
