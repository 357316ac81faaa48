"""Taking up a calendar file: what is new is created, what is known is brought up to date, all or nothing.

An event is known by its UID, and a changed occurrence also by its RECURRENCE-ID, so importing a file again
changes nothing. Of an event that stands for a meeting a file changes the owner's part alone.
Not here: how files are read (`ics/`).
"""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from access.types import Principal
from calendar_app import ics, occurrences, recurrence
from calendar_app.errors import CalendarChanged
from calendar_app.events import CalendarImported
from calendar_app.models import Event, Reminder
from calendar_app.services import times
from calendar_app.services.managed import is_managed, keep_meeting
from calendar_app.services.progress import status_columns
from calendar_app.services.reminding import next_reminder, plan_reminders
from calendar_app.types import EventSource, EventStatus, ImportedEvent, ImportOutcome
from core.errors import Invalid
from events.services import publish

BATCH = 500  # rows per statement
MAX_RULES = 500  # different ones in one file
MAX_COUNTED = 100_000  # occurrences that one import walks along to find where series end
# What a file may say, and what follows from it.
COLUMNS = (
    "title", "description", "location", "video_conference_link", "starts_at", "ends_at", "is_all_day", "timezone",
    "event_type", "status", "completed_at", "cancelled_at", "cancellation_reason", "visibility", "reminder_minutes",
    "related_entity_type", "related_entity_id", "color_hex", "focus_mode", "metadata",
    "recurrence", "extra_starts", "excluded_starts",
)  # fmt: skip
DERIVED = ("public_id", "is_series", "series_ends_at", "shared_in", "rev", "updated_at")
_UNDERWAY = {EventStatus.IN_PROGRESS, EventStatus.COMPLETED}  # of which other programs know nothing

Identity = tuple[str, datetime | None]  # UID and RECURRENCE-ID


def import_calendar(*, actor: Principal, data: bytes, zone: ZoneInfo) -> list[ImportedEvent]:
    """Take the events of an iCalendar file into the actor's calendar and report on each, in the file's order.

    Reading and working out takes seconds for a large file, so nothing is locked until all is ready to be written.

    Raises:
        InvalidCalendarFile: there is no calendar in it.
        CalendarFileTooLarge: more than 5 MB, 5,000 events or 150,000 lines.
        CalendarChanged: somebody changed one of its events meanwhile.
    """
    found = ics.read(data, zone=zone)
    taking = _Taking(actor, _known_events(actor.user_id, found))
    for each in taking.worth_taking(found):
        taking.take(each)
    reminders = taking.reminders()
    with transaction.atomic():
        taking.write(reminders)
        publish(
            CalendarImported(aggregate_id=actor.user_id, taken=len(taking.new), updated=len(taking.changed)),
            actor_id=actor.user_id,
        )
    return [taking.reports[each.index] for each in found]


@dataclass
class _Taking:
    """One import under way: what the calendar holds, and what becomes of each event of the file."""

    actor: Principal
    known: dict[Identity, Event]
    replaced: dict[str, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    new: list[Event] = field(default_factory=list)
    changed: list[Event] = field(default_factory=list)
    reports: dict[int, ImportedEvent] = field(default_factory=dict)
    rules: set[str] = field(default_factory=set)
    counted: int = 0

    def worth_taking(self, found: list[ics.Found]) -> list[ics.Found]:
        """The readable events, series before their changed occurrences; of an event told twice, the newest."""
        newest: dict[Identity, ics.Found] = {}
        series = {uid for uid, start in self.known if start is None} | {
            each.uid for each in found if not each.original_start and not each.refusal
        }
        for each in sorted(found, key=lambda each: each.sequence, reverse=True):
            if each.original_start and each.uid not in series:
                _let_stand_alone(each)
            if each.refusal or (each.uid, each.original_start) in newest:
                self._refuse(each, each.refusal or "The file holds this event more than once.")
            else:
                newest[each.uid, each.original_start] = each
        for uid, start in (*self.known, *newest):
            if start is not None:
                self.replaced[uid].add(start)
        return sorted(newest.values(), key=lambda each: (each.original_start is not None, each.index))

    def take(self, found: ics.Found) -> None:
        current = self.known.get((found.uid, found.original_start))
        event = copy(current) if current else self._new_event(found)
        try:
            self._fill(event, found)
            if current is not None and keep_meeting(event, current):
                found.changes.append("what belongs to a meeting arranged elsewhere is kept as it is there")
            self._count(event)
            times.settle(event)
        except Invalid as error:
            self._refuse(found, error.errors[0].message if error.errors else error.message)
            return
        self.known[found.uid, found.original_start] = event
        if current is None:
            self.new.append(event)
            self._report(found, ImportOutcome.CHANGED if found.changes else ImportOutcome.TAKEN, event)
        elif all(getattr(current, name) == getattr(event, name) for name in COLUMNS):
            self._report(found, ImportOutcome.UNCHANGED, event)
        else:
            event.rev += 1
            self.changed.append(event)
            self._report(found, ImportOutcome.UPDATED, event)

    def reminders(self) -> list[Reminder]:
        now = timezone.now()
        owed = (next_reminder(event, after=now) for event in (*self.new, *self.changed))
        return [reminder for reminder in owed if reminder]

    def write(self, reminders: list[Reminder]) -> None:
        self._check_unchanged()
        now = timezone.now()
        for event in self.changed:
            event.updated_at = now
        Event.objects.bulk_create(self.new, batch_size=BATCH)
        Event.objects.bulk_update(self.changed, [*COLUMNS, *DERIVED], batch_size=BATCH)
        Reminder.objects.filter(event_id__in=[event.id for event in self.changed]).delete()
        plan_reminders(reminders)

    def _check_unchanged(self) -> None:
        """Lock what will be changed, if it still is as it was read."""
        read = {event.id: event.rev - 1 for event in self.changed}
        held = Event.objects.filter(id__in=read).select_for_update(no_key=True).order_by("id")
        if dict(held.values_list("id", "rev")) != read:
            raise CalendarChanged

    def _new_event(self, found: ics.Found) -> Event:
        return Event(
            owner_id=self.actor.user_id,
            workspace_id=self.actor.workspace_id,
            uid=found.uid,
            source=EventSource.IMPORT,
            series=self.known.get((found.uid, None)) if found.original_start else None,
            original_start=found.original_start,
        )

    def _fill(self, event: Event, found: ics.Found) -> None:
        columns = dict(found.columns)
        status = EventStatus(columns.pop("status"))
        if status != event.status and not (status is EventStatus.CONFIRMED and event.status in _UNDERWAY):
            columns = status_columns(status) | columns
        for name, value in columns.items():
            setattr(event, name, value)
        if found.original_start is not None:
            if event.series is None:
                raise Invalid.field("series", "The series it belongs to was refused.")
            if is_managed(event.series):
                raise Invalid.field("series", "It belongs to a meeting that is arranged elsewhere.")
            event.recurrence, event.extra_starts, event.excluded_starts = "", [], []
        elif replaced := self.replaced.get(found.uid):
            _make_room(event, replaced)

    def _count(self, event: Event) -> None:
        """Keep the work that one file can ask for within bounds."""
        rule = recurrence.parse(event.recurrence) if event.recurrence else None
        if rule is None:
            return
        self.rules.add(rule.text)
        if len(self.rules) > MAX_RULES:
            raise Invalid.field("recurrence", f"The file holds more than {MAX_RULES} different rules.")
        if rule.count and not rule.is_even:
            self.counted += rule.count
            if self.counted > MAX_COUNTED:
                raise Invalid.field("recurrence", f"The file counts more than {MAX_COUNTED:,} occurrences (COUNT).")

    def _refuse(self, found: ics.Found, reason: str) -> None:
        self.reports[found.index] = ImportedEvent(
            found.index, found.uid, found.summary, ImportOutcome.REFUSED, found.changes, reason
        )

    def _report(self, found: ics.Found, outcome: ImportOutcome, event: Event) -> None:
        self.reports[found.index] = ImportedEvent(
            found.index, found.uid, found.summary, outcome, found.changes, event_id=event.public_id
        )


def _known_events(owner_id: UUID, found: list[ics.Found]) -> dict[Identity, Event]:
    """The owner's events that the file may mean, with the changed occurrences of series."""
    uids = {each.uid for each in found} | {_uid_alone(each) for each in found if each.original_start}
    events = Event.objects.owned_by(owner_id).filter(uid__in=uids)
    return {(event.uid, event.original_start): event for event in events}


def _let_stand_alone(found: ics.Found) -> None:
    found.changes.append("the series it belongs to is missing, so it stands alone")
    found.uid, found.original_start = _uid_alone(found), None


def _uid_alone(found: ics.Found) -> str:
    return f"{found.uid[:230]}#{found.original_start:%Y%m%dT%H%M%SZ}"


def _make_room(series: Event, replaced: set[datetime]) -> None:
    """Let a series produce nothing where changed occurrences stand, even if it is a series only through them."""
    excluded = occurrences.read_starts(series.excluded_starts)
    series.excluded_starts = occurrences.write_starts([*excluded, *replaced])
    if not series.recurrence:
        extra = occurrences.read_starts(series.extra_starts)
        series.extra_starts = occurrences.write_starts([*extra, series.starts_at])
