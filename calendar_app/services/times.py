"""When an event is: what its times, its zone and its rule must be, and what follows from them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from calendar_app import recurrence
from calendar_app.models import Event
from calendar_app.occurrences import end_of_series, read_starts, write_starts
from calendar_app.types import EARLIEST, EventId, Visibility, is_reached
from core.errors import Invalid
from core.timezones import midnight, moment_of, wall_time, zone_named

LATEST = datetime(2099, 12, 31, tzinfo=UTC)
LONGEST_IN_SERIES = timedelta(days=92)


def settle(event: Event) -> None:
    """Check when `event` is and work out what follows; nothing is written.

    Raises:
        Invalid: the times, the zone or the rule cannot be.
    """
    zone_named(event.timezone)
    event.starts_at, event.ends_at = (moment.replace(microsecond=0) for moment in (event.starts_at, event.ends_at))
    if event.is_all_day:
        _stretch_to_days(event)
    _check_times(event)
    if event.recurrence:
        rule = recurrence.parse(event.recurrence)
        recurrence.check_occurs(rule, wall_time(event.starts_at, event.zone))
        event.recurrence = rule.text
    derive(event)
    if event.is_series and event.duration > LONGEST_IN_SERIES:
        raise Invalid.field("ends_at", f"What repeats lasts at most {LONGEST_IN_SERIES.days} days.", "too_long")


def derive(event: Event) -> None:
    """Work out what follows from an event's identity, visibility, times and rule."""
    event.public_id = str(EventId(event.series_id, event.original_start) if event.series_id else EventId(event.id))
    event.shared_in = workspace_shown_to(event.workspace_id, event.visibility)
    event.is_series = bool(event.recurrence or event.extra_starts)
    event.series_ends_at = end_of_series(event) if event.is_series else None


def workspace_shown_to(workspace_id: UUID | None, visibility: str) -> UUID | None:
    return None if visibility == Visibility.PRIVATE else workspace_id


def move_rule(series: Event, before: Event) -> None:
    """Let the days that a rule names follow the series' start.

    Raises:
        InvalidRecurrence: they cannot follow.
    """
    first, then = (wall_time(each.starts_at, each.zone).date() for each in (before, series))
    if series.recurrence:
        series.recurrence = recurrence.moved(series.recurrence, (then - first).days)


def move_exceptions(series: Event, before: Event) -> None:
    """Let the starts that were added to a series, or taken from it, follow its own start."""
    for name in ("extra_starts", "excluded_starts"):
        starts = read_starts(getattr(series, name))
        setattr(series, name, write_starts(follow(start, series, before) for start in starts))


def follow(start: datetime, series: Event, before: Event) -> datetime:
    """Move a start as far, on the clock on the wall, as its series moved since `before`."""
    by = wall_time(series.starts_at, series.zone) - wall_time(before.starts_at, before.zone)
    return moment_of(wall_time(start, before.zone) + by, series.zone)


def move_like(series: Event, one: Event) -> None:
    """Move a series by as much as `one` of its occurrences differs from where the series put it."""
    assert one.original_start is not None
    zone = series.zone
    begins, ends = wall_time(one.starts_at, one.zone), wall_time(one.ends_at, one.zone)
    first = wall_time(series.starts_at, zone) + (begins - wall_time(one.original_start, zone))
    series.starts_at, series.ends_at = moment_of(first, one.zone), moment_of(first + (ends - begins), one.zone)


def _stretch_to_days(event: Event) -> None:
    first = wall_time(event.starts_at, event.zone).date()
    last = wall_time(max(event.ends_at - timedelta(seconds=1), event.starts_at), event.zone).date()
    event.starts_at, event.ends_at = midnight(first, event.zone), midnight(last + timedelta(days=1), event.zone)


def _check_times(event: Event) -> None:
    for name in ("starts_at", "ends_at"):
        if not EARLIEST <= getattr(event, name) <= LATEST:
            raise Invalid.field(name, f"Must be between {EARLIEST:%Y} and {LATEST:%Y}.", "out_of_range")
    if not all(map(is_reached, read_starts(event.extra_starts))):
        message = f"The dates added to it must be between {EARLIEST:%Y} and {LATEST:%Y}."
        raise Invalid.field("starts_at", message, "out_of_range")
    if event.ends_at < event.starts_at:
        raise Invalid.field("ends_at", "An event cannot end before it starts.", "ends_before_start")
