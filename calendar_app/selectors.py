"""Reading calendars. What a caller may see is decided in one place, `EventQuerySet.visible_to`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from access.types import Principal
from accounts.selectors import get_user
from calendar_app import occurrences
from calendar_app.errors import WindowTooLarge
from calendar_app.managers import DAYS_APART, CalendarShareQuerySet, EventQuerySet
from calendar_app.models import CalendarShare, Event, Subscription
from calendar_app.tokens import digest_of
from calendar_app.types import Calendar, Direction, EventId, Window
from core.db.binary import Row
from core.db.composed import Query, ReadRows, extended, rows_of, shape_of
from core.db.instances import Shape, fetch_instances
from core.db.versions import DataVersion
from core.errors import NotFound
from events.selectors import data_version

MAX_OCCURRENCES = 10_000  # in one window
COLLECTION = "events"


def calendar_version(principal: Principal, calendar: Calendar) -> DataVersion:
    """What changes whenever this calendar does."""
    if calendar is Calendar.MINE:
        return owner_version(principal.user_id)
    return data_version(scopes=[f"w:{principal.workspace_id}"], collections=[COLLECTION])


def owner_version(owner_id: UUID) -> DataVersion:
    """What changes whenever the owner's own calendar does."""
    return data_version(scopes=[f"u:{owner_id}"], collections=[COLLECTION])


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


def list_occurrences(
    events: Query, window: Window, columns: Sequence[str] = (), read: ReadRows = rows_of
) -> list[Event]:
    """What stands in the window, in order, with every series as its occurrences. One query, run by `read`.

    Those of `columns` that are of other tables stand in `vars` of the instances, under the names given here.

    Raises:
        WindowTooLarge: more than `MAX_OCCURRENCES`.
    """
    found: list[Event] = []
    shape = _shape_with(events, columns)
    for row in read(extended(events, _overlapping, **_reach(window)), shape.names):
        found += _standing(shape.build(row), window)
        _refuse_too_many(found)
    found.sort(key=lambda event: (event.starts_at, event.public_id))
    return found


def list_occurrence_rows(events: Query, window: Window, columns: Sequence[str], read: ReadRows = rows_of) -> list[Row]:
    """The same as rows of `columns` and, last, start and public id; an event of some hours is never made an instance.

    Raises:
        WindowTooLarge: more than `MAX_OCCURRENCES`.
    """
    shape = _shape_with(events, columns)
    wanted = (*columns, "starts_at", "public_id")
    of_row, of_instance = itemgetter(*map(shape.names.index, wanted)), itemgetter(*wanted)
    looked_at = itemgetter(*map(shape.names.index, ("is_series", "is_all_day", "starts_at", "ends_at")))
    found: list[Row] = []
    for row in read(extended(events, _overlapping, **_reach(window)), shape.names):
        is_series, is_all_day, begins, ends = looked_at(row)
        if is_series or is_all_day:
            found += [of_instance(vars(event)) for event in _standing(shape.build(row), window)]
        elif occurrences.touches(begins, ends, window):
            found.append(of_row(row))
        _refuse_too_many(found)
    found.sort(key=itemgetter(-2, -1))
    return found


def _shape_with(events: Query, columns: Sequence[str]) -> Shape[Event]:
    """How whole rows become instances, with those of `columns` beside them that are of other tables."""
    shape: Shape[Event] = shape_of(events)
    beside = [name for name in columns if name not in shape.names]
    return replace(shape, names=[*shape.names, *beside]) if beside else shape


def _standing(event: Event, window: Window) -> Iterable[Event]:
    """The event, or the occurrences of the series, as far as they stand in the window."""
    if event.is_series:
        return islice(occurrences.overlapping(event, window), MAX_OCCURRENCES + 1)
    return [event] if occurrences.stands_in(event, window) else []


def _refuse_too_many(found: Sequence[Any]) -> None:
    if len(found) > MAX_OCCURRENCES:
        raise WindowTooLarge(f"More than {MAX_OCCURRENCES:,} occurrences. Ask for a shorter time.")


def list_for_export(owner_id: UUID, window: Window | None = None) -> list[Event]:
    """The owner's stored events, series before their changed occurrences; in a window, those that touch it.

    Raises:
        WindowTooLarge: more than `MAX_OCCURRENCES`.
    """
    events: EventQuerySet = Event.objects.owned_by(owner_id)
    events = events.overlapping(**_reach(window)) if window else events
    ordered = events.order_by(F("series_id").asc(nulls_first=True), "starts_at", "id")
    found: list[Event] = fetch_instances(ordered[: MAX_OCCURRENCES + 1])
    if len(found) > MAX_OCCURRENCES:
        raise WindowTooLarge(f"More than {MAX_OCCURRENCES:,} events. Ask for a shorter time.")
    return found


def list_shares(principal: Principal, direction: Direction) -> CalendarShareQuerySet:
    """Shares that the caller gave, or that were offered to them and have not expired."""
    if direction is Direction.GIVEN:
        given: CalendarShareQuerySet = CalendarShare.objects.filter(owner_id=principal.user_id)
        return given
    offered = Q(member_id=principal.user_id) | Q(member_id=None, email=get_user(principal.user_id).email)
    received: CalendarShareQuerySet = CalendarShare.objects.unexpired().filter(offered).unblocked(principal.user_id)
    return received


def find_share(share_id: UUID) -> CalendarShare | None:
    found: CalendarShare | None = CalendarShare.objects.filter(id=share_id).first()
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


def _reach(window: Window) -> dict[str, datetime]:
    """The window, wherever the caller's day begins."""
    return {"start": window.start - DAYS_APART, "end": window.end + DAYS_APART}


def _overlapping(events: EventQuerySet, *, start: datetime, end: datetime) -> EventQuerySet:
    return events.overlapping(start=start, end=end)[: MAX_OCCURRENCES + 1]
