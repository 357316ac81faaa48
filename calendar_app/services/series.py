"""How far a change reaches: one occurrence of a series, that and all later ones, or the whole series.

`reach` turns a public id and a scope into the one row to change. Not here: what is changed.
"""

from copy import copy
from datetime import datetime, timedelta
from uuid import UUID

from access.types import Principal
from calendar_app import occurrences, recurrence
from calendar_app.delegation import share_of_event
from calendar_app.models import Event
from calendar_app.services import times
from calendar_app.services.reminding import schedule_first_reminder, schedule_reminder
from calendar_app.types import EditScope, EventId, ShareLevel
from core.db.changes import lock, save_changes
from core.db.ids import uuid7
from core.db.instances import fetch_first
from core.errors import Invalid, NotFound, PreconditionFailed


def reach(*, actor: Principal, event_id: EventId, scope: EditScope | None, expected_version: int | None) -> Event:
    """Lock what `event_id` names and return the row that stands for it within `scope`.

    Without a scope, an occurrence means itself and a series means all of it. Changing one occurrence gives it
    a row of its own; changing it and the following ones ends the series there and begins a new one.

    Raises:
        NotFound: the actor has no such event.
        PreconditionFailed: it is no longer in `expected_version`.
    """
    event = _lock(actor, event_id.id)
    begins = event_id.original_start
    if begins is None:
        _check_version(event, expected_version)
        if event.is_series and scope is EditScope.THIS:
            raise Invalid.field("scope", "Name the occurrence: its id has the original start after a colon.")
        return event
    changed: Event | None = event.changed.filter(original_start=begins).first()
    current = changed or occurrences.find(event, begins)
    if current is None:
        raise NotFound
    _check_version(current, expected_version)
    if scope is EditScope.ALL:
        return event
    if scope is EditScope.FOLLOWING:
        return split(event, begins)
    return changed or set_apart(event, begins)


def _lock(actor: Principal, event_id: UUID) -> Event:
    """The actor's own event, or one of a calendar that they may edit."""
    own = Event.objects.owned_by(actor.user_id).filter(series=None)
    found: Event | None = fetch_first(own.select_for_update(no_key=True).filter(id=event_id))
    if found is not None:
        return found
    share = share_of_event(actor, event_id, ShareLevel.EDIT)
    shared: Event = lock(Event.objects.owned_by(share.owner_id).filter(series=None), id=event_id)
    return shared


def set_apart(series: Event, begins: datetime) -> Event:
    """Give one occurrence a row of its own, which takes its place."""
    own = _new_row(occurrences.occurrence(series, begins), recurrence="", extra_starts=[], excluded_starts=[])
    times.derive(own)
    own.save(force_insert=True)
    schedule_first_reminder(own)
    exclude(series, begins)
    return own


def exclude(series: Event, begins: datetime) -> None:
    """Let the series produce no occurrence here."""
    starts = {*occurrences.read_starts(series.excluded_starts), begins}
    save_changes(series, excluded_starts=occurrences.write_starts(starts))
    schedule_reminder(series)


def drop_when_over(series: Event) -> None:
    """Delete a series of which no occurrence is left."""
    before = series.starts_at - timedelta(seconds=1)
    if not series.changed.exists() and occurrences.following(series, before) is None:
        series.delete()


def split(series: Event, begins: datetime) -> Event:
    """End the series before `begins` and let a new one go on from there, with its changed occurrences."""
    if begins == series.starts_at:
        return series
    later = _new_row(series, uid="", starts_at=begins, ends_at=occurrences.end_of(series, begins))
    ending = ""
    if series.recurrence:
        rule = recurrence.parse(series.recurrence)
        ending, later.recurrence = recurrence.split(rule, series.starts_at, series.zone, begins)
    extra, excluded = (occurrences.read_starts(each) for each in (series.extra_starts, series.excluded_starts))
    later.extra_starts = occurrences.write_starts(start for start in extra if start > begins)
    later.excluded_starts = occurrences.write_starts(start for start in excluded if start >= begins)
    times.derive(later)
    later.save(force_insert=True)
    schedule_first_reminder(later)
    _hand_over(list(series.changed.filter(original_start__gte=begins)), later)
    _end_before(series, begins, ending)
    return later


def move_changed(series: Event, before: Event) -> None:
    """Let the changed occurrences of a series go on taking the places of its own, after its start has moved."""
    away = "-original_start" if series.starts_at > before.starts_at else "original_start"
    for each in series.changed.order_by(away):  # so that none takes a place that another still has
        assert each.original_start is not None
        start = times.follow(each.original_start, series, before)
        save_changes(each, original_start=start, public_id=str(EventId(series.id, start)))


def _end_before(series: Event, begins: datetime, rule: str) -> None:
    """Let nothing of the series start at or after `begins`."""
    ended = copy(series)
    ended.recurrence = rule
    extra, excluded = (occurrences.read_starts(each) for each in (series.extra_starts, series.excluded_starts))
    ended.extra_starts = occurrences.write_starts(start for start in extra if start < begins)
    ended.excluded_starts = occurrences.write_starts(start for start in excluded if start < begins)
    times.derive(ended)
    names = ("recurrence", "extra_starts", "excluded_starts", "is_series", "series_ends_at")
    save_changes(series, **{name: getattr(ended, name) for name in names})
    schedule_reminder(series)


def _hand_over(changed: list[Event], series: Event) -> None:
    for each in changed:
        each.series, each.uid, each.rev = series, series.uid, each.rev + 1
        times.derive(each)
    Event.objects.bulk_update(changed, ["series", "uid", "public_id", "rev"])


def _new_row(event: Event, **values: object) -> Event:
    row = copy(event)
    row._state = copy(event._state)
    row._state.adding = True
    row.id, row.rev = uuid7(), 1
    for name, value in values.items():
        setattr(row, name, value)
    row.uid = row.uid or uid_of(row.id)
    return row


def uid_of(event_id: UUID) -> str:
    """The iCalendar identity of an event that began its life here."""
    return f"{event_id}@gigvora.com"


def _check_version(event: Event, expected: int | None) -> None:
    if expected is not None and event.rev != expected:
        raise PreconditionFailed
