"""Links to one's own account, as they look to people without the app."""

from core.contributions.links import UniversalLink, declare_links

declare_links(
    UniversalLink(
        "sign-in", "Sign in to Gigvora", "Open this link on the phone where you asked for it: the app does the rest."
    ),
    UniversalLink("account", "Your Gigvora account", "Open it in the app to see your devices and settings."),
)
