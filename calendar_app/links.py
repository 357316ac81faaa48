"""Links into the calendar, as people without the app see them."""

from core.contributions.links import UniversalLink, declare_links

declare_links(
    UniversalLink("calendar", "A calendar on Gigvora", "Open it in the app to see what is planned."),
    UniversalLink("calendar/shares", "A shared calendar on Gigvora", "Open it in the app to accept it or not."),
    UniversalLink("calendar/events", "An event on Gigvora", "Open it in the app to see when and where."),
)
