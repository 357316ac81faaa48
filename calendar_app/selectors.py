"""Reading calendars. What a caller may see is decided in one place, `EventQuerySet.visible_to`."""

from itertools import islice
from uuid import UUID

from django.db.models import F

from access.types import Principal
from calendar_app import occurrences
from calendar_app.errors import WindowTooLarge
from calendar_app.managers import EventQuerySet
from calendar_app.models import Event, Subscription
from calendar_app.tokens import digest_of
from calendar_app.types import Calendar, EventId, Window
from core.db.instances import fetch_instances
from core.errors import NotFound
from events.selectors import version_of

MAX_OCCURRENCES = 10_000  # in one window
COLLECTION = "events"


def calendar_version(principal: Principal, calendar: Calendar) -> str:
    """What changes whenever this calendar does. Read it before the events."""
    if calendar is Calendar.MINE:
        return owner_version(principal.user_id)
    return version_of(scopes=[f"w:{principal.workspace_id}"], collections=[COLLECTION])


def owner_version(owner_id: UUID) -> str:
    """What changes whenever the owner's own calendar does."""
    return version_of(scopes=[f"u:{owner_id}"], collections=[COLLECTION])


def list_events(principal: Principal, calendar: Calendar = Calendar.MINE) -> EventQuerySet:
    """The stored events: single ones, series as such, and changed occurrences."""
    events: EventQuerySet = Event.objects.in_calendar(calendar, principal)
    return events


def list_visible(principal: Principal) -> EventQuerySet:
    """Everything with an id of its own that the caller may read."""
    events: EventQuerySet = Event.objects.visible_to(principal).filter(series=None)
    return events


def get_occurrence(principal: Principal, event_id: EventId) -> Event:
    """One occurrence of a series.

    Raises:
        NotFound: the caller may read no such series, or it has nothing there.
    """
    begins = event_id.original_start
    assert begins is not None
    visible = Event.objects.visible_to(principal)
    changed: Event | None = visible.filter(series_id=event_id.id, original_start=begins).first()
    if changed is not None:
        return changed
    series: Event | None = visible.series().filter(id=event_id.id).first()
    found = occurrences.find(series, begins) if series else None
    if found is None:
        raise NotFound
    return found


def list_occurrences(events: EventQuerySet, window: Window) -> list[Event]:
    """What stands in the window, in order, with every series as its occurrences. One query.

    Raises:
        WindowTooLarge: more than `MAX_OCCURRENCES`.
    """
    found: list[Event] = []
    for event in fetch_instances(events.overlapping(window)[: MAX_OCCURRENCES + 1]):
        if event.is_series:
            found += islice(occurrences.overlapping(event, window), MAX_OCCURRENCES + 1)
        elif occurrences.stands_in(event, window):
            found.append(event)
        if len(found) > MAX_OCCURRENCES:
            raise WindowTooLarge(f"More than {MAX_OCCURRENCES:,} occurrences. Ask for a shorter time.")
    found.sort(key=lambda event: (event.starts_at, event.public_id))
    return found


def list_for_export(owner_id: UUID, window: Window | None = None) -> list[Event]:
    """The owner's stored events, series before their changed occurrences; in a window, those that touch it.

    Raises:
        WindowTooLarge: more than `MAX_OCCURRENCES`.
    """
    events: EventQuerySet = Event.objects.owned_by(owner_id)
    events = events.overlapping(window) if window else events
    ordered = events.order_by(F("series_id").asc(nulls_first=True), "starts_at", "id")
    found: list[Event] = fetch_instances(ordered[: MAX_OCCURRENCES + 1])
    if len(found) > MAX_OCCURRENCES:
        raise WindowTooLarge(f"More than {MAX_OCCURRENCES:,} events. Ask for a shorter time.")
    return found


def get_subscription_of(owner_id: UUID) -> Subscription:
    """The owner's subscription address, as far as it is known.

    Raises:
        NotFound: there is none.
    """
    found: Subscription | None = Subscription.objects.filter(owner_id=owner_id).first()
    if found is None:
        raise NotFound
    return found


def get_subscription(token: str) -> Subscription:
    """What stands behind a subscription address.

    Raises:
        NotFound: the address was never given out, was revoked, or its owner is suspended.
    """
    known = Subscription.objects.filter(token_digest=digest_of(token), owner__is_active=True)
    found: Subscription | None = known.first()
    if found is None:
        raise NotFound
    return found
