"""Links to money, as people without the app see them."""

from core.contributions.links import UniversalLink, declare_links

declare_links(UniversalLink("finance", "Your money on Gigvora", "Open it in the app to see it."))
