"""Believable calendars of the demo people, for development only."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.selectors import find_by_email
from calendar_app.models import Event
from calendar_app.services import times
from calendar_app.services.progress import status_columns
from calendar_app.services.reminding import next_reminder, plan_reminders
from calendar_app.types import EventStatus, EventType
from core.contributions.demo import Progress, demo_data
from core.timezones import moment_of

ZONE = ZoneInfo("Europe/Berlin")
PEOPLE = ("freelancer", "client", "mentor")
EVENTS_EACH = 80
PAST_DAYS, COMING_DAYS = 30, 60

# type -> (titles, colour, usual minutes)
_KINDS: dict[EventType, tuple[tuple[str, ...], str, tuple[int, ...]]] = {
    EventType.CLIENT_MEETING: (
        ("Kick-off with Nordlicht", "Review with Brandt & Söhne", "Budget talk", "Demo for Atelier Vega"),
        "#1F77B4", (30, 45, 60),
    ),
    EventType.PROJECT: (
        ("Wireframes: booking flow", "Fix the export", "Write the migration guide", "Pair on the search"),
        "#2CA02C", (90, 120, 180),
    ),
    EventType.GIG: (("Logo for a bakery", "Landing page in two days", "Translate the menu"), "#FF7F0E", (120, 240)),
    EventType.JOB_INTERVIEW: (("Interview: product designer", "Second talk with Lumen"), "#D62728", (45, 60)),
    EventType.MENTORSHIP: (("Mentoring: pricing", "Mentoring: portfolio", "Office hour"), "#9467BD", (30, 60)),
    EventType.VOLUNTEERING: (("Code club at the library", "Repair café"), "#8C564B", (120, 180)),
    EventType.EVENT: (("Django meetup", "Design breakfast", "Founders' evening"), "#E377C2", (90, 120)),
    EventType.OTHER: (("Tax papers", "Dentist", "Lunch with Ida"), "#7F7F7F", (30, 60)),
}  # fmt: skip
_SERIES = (
    ("Weekly planning", "FREQ=WEEKLY;BYDAY=MO", time(9), EventType.PROJECT),
    ("Stand-up", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", time(9, 45), EventType.PROJECT),
    ("Invoices", "FREQ=MONTHLY;BYMONTHDAY=-1", time(16), EventType.OTHER),
)


@demo_data("calendars", order=20)
def seed_demo_calendars(progress: Progress) -> None:
    people = (find_by_email(f"{mailbox}@demo.gigvora.com") for mailbox in PEOPLE)
    seed_demo_events([person.pk for person in people if person], EVENTS_EACH, progress)


def seed_demo_events(owner_ids: Sequence[UUID], count: int, progress: Progress) -> None:
    """Give each owner `count` events around today. Owners who have demo events already keep those."""
    today = timezone.now().astimezone(ZONE).date()
    for done, owner_id in enumerate(owner_ids, start=1):
        if not Event.objects.owned_by(owner_id).filter(uid=_uid(owner_id, 0)).exists():
            _write(list(_events(owner_id, count, today)))
        progress(done / len(owner_ids))


@transaction.atomic
def _write(events: list[Event]) -> None:
    Event.objects.bulk_create(events)
    reminders = [next_reminder(event, after=timezone.now()) for event in events]
    plan_reminders([reminder for reminder in reminders if reminder])


def _events(owner_id: UUID, count: int, today: date) -> Iterator[Event]:
    """The same events for the same owner and day, whenever asked."""
    chance = Random(owner_id.int)  # noqa: S311  demo data, not secrets
    monday = today - timedelta(days=today.weekday() + 28)
    for number in range(count):
        if number < len(_SERIES):
            title, rule, at, kind = _SERIES[number]
            day, minutes = monday, 30
        else:
            kind = chance.choice(list(_KINDS))
            titles, _, lengths = _KINDS[kind]
            title, rule, minutes = chance.choice(titles), "", chance.choice(lengths)
            day = today + timedelta(days=chance.randint(-PAST_DAYS, COMING_DAYS))
            at = time(chance.randint(8, 18), chance.choice((0, 15, 30, 45)))
        event = Event(
            owner_id=owner_id,
            uid=_uid(owner_id, number),
            title=title,
            event_type=kind,
            color_hex=_KINDS[kind][1],
            recurrence=rule,
            reminder_minutes=chance.choice((None, 10, 15, 60)),
            timezone=str(ZONE),
            starts_at=moment_of(datetime.combine(day, at), ZONE),
        )
        event.ends_at = event.starts_at + timedelta(minutes=minutes)
        _settle(event, chance)
        yield event


def _settle(event: Event, chance: Random) -> None:
    """Let most of what is past be done, and a little be called off."""
    times.settle(event)
    status = EventStatus.CONFIRMED
    if not event.is_series and event.ends_at < timezone.now():
        status = chance.choices((EventStatus.COMPLETED, EventStatus.CANCELLED, status), (8, 1, 1))[0]
    elif not event.is_series:
        status = chance.choices((status, EventStatus.TENTATIVE), (4, 1))[0]
    reason = "Moved to another week" if status is EventStatus.CANCELLED else ""
    for name, value in status_columns(status, reason).items():
        setattr(event, name, value)


def _uid(owner_id: UUID, number: int) -> str:
    return f"demo-{number}-{owner_id}@gigvora.com"
