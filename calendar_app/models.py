"""The tables of the calendar: events, the reminders they are owed, subscription addresses, and shares.

One row of `Event` is one of three things:

- a single event;
- a series (`is_series`): its first occurrence, with the rule by which it repeats;
- one changed occurrence of a series: `series` names the series, `original_start` when the rule had put it.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from guardian.models import UserObjectPermissionBase

from calendar_app.managers import CalendarShareQuerySet, EventQuerySet
from calendar_app.types import OPEN_STATUSES, EventSource, EventStatus, EventType, ShareLevel, Visibility
from core.db.models import BaseModel

MAX_REMINDER_MINUTES = 40_320  # four weeks
MAX_DESCRIPTION = 10_000  # characters
MAX_METADATA = 16_384  # bytes


def choices(words: Iterable[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value.replace("_", " ").capitalize()) for word in words]


class Event(BaseModel):
    """An event in somebody's calendar. Times are kept to the second.

    An all-day event lasts from midnight to midnight in its own `timezone`, and is the same day everywhere.
    """

    # No index of their own for owner and series: composite ones begin with them, for lists and for deletes alike.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    shared_in = models.UUIDField(null=True, blank=True)  # the workspace whose members may read it; null while private
    public_id = models.CharField(max_length=60)  # what clients call it; a changed occurrence keeps the id it had
    uid = models.CharField(max_length=255)  # iCalendar's identity, the same for a series and its changed occurrences

    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_all_day = models.BooleanField(default=False)
    timezone = models.CharField(max_length=64, default="UTC")
    event_type = models.CharField(max_length=20, choices=choices(EventType), default=EventType.EVENT)
    status = models.CharField(max_length=20, choices=choices(EventStatus), default=EventStatus.CONFIRMED)
    source = models.CharField(max_length=20, choices=choices(EventSource), default=EventSource.MANUAL)
    visibility = models.CharField(max_length=20, choices=choices(Visibility), default=Visibility.PRIVATE)
    location = models.CharField(max_length=500, blank=True)
    video_conference_link = models.URLField(max_length=2000, blank=True)
    reminder_minutes = models.PositiveIntegerField(null=True, blank=True)
    related_entity_type = models.CharField(max_length=50, blank=True)
    related_entity_id = models.CharField(max_length=64, blank=True)
    color_hex = models.CharField(max_length=7, blank=True)
    focus_mode = models.BooleanField(default=False)
    metadata = models.JSONField(default=dict, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancellation_reason = models.CharField(max_length=500, blank=True)

    recurrence = models.CharField(max_length=500, blank=True)
    extra_starts = models.JSONField(default=list, blank=True)
    excluded_starts = models.JSONField(default=list, blank=True)  # deleted, or replaced by rows of their own
    is_series = models.BooleanField(default=False)
    series_ends_at = models.DateTimeField(null=True, blank=True)  # end of the last occurrence; null while endless
    series = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="changed"
    )
    original_start = models.DateTimeField(null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="calendar_event_ends_after_start"),
            models.CheckConstraint(
                condition=Q(reminder_minutes__isnull=True) | Q(reminder_minutes__lte=MAX_REMINDER_MINUTES),
                name="calendar_event_reminder_in_range",
            ),
            models.CheckConstraint(
                condition=Q(color_hex="") | Q(color_hex__regex=r"^#[0-9A-F]{6}$"), name="calendar_event_color_is_hex"
            ),
            models.CheckConstraint(
                condition=Q(series__isnull=True, original_start__isnull=True)
                | Q(series__isnull=False, original_start__isnull=False, is_series=False),
                name="calendar_event_is_one_thing",
            ),
            models.UniqueConstraint(fields=["series", "original_start"], name="calendar_event_one_per_occurrence"),
            models.UniqueConstraint(
                fields=["owner", "uid"], condition=Q(series__isnull=True), name="calendar_event_one_per_uid"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "starts_at", "id"], name="calendar_event_agenda"),
            models.Index(fields=["owner", "updated_at", "id"], name="calendar_event_recent"),
            models.Index(fields=["owner", "starts_at"], name="calendar_event_series", condition=Q(is_series=True)),
            models.Index(
                fields=["shared_in", "starts_at", "id"],
                name="calendar_event_shared",
                condition=Q(shared_in__isnull=False),
            ),
            models.Index(
                fields=["owner", "related_entity_type", "related_entity_id"],
                name="calendar_event_related",
                condition=~Q(related_entity_id=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


class Reminder(models.Model):
    """The next reminder that an event is owed. Apart from the event, so that sending one changes no event."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="reminder")
    occurrence_start = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["due_at"], name="calendar_reminder_due")]

    def __str__(self) -> str:
        return f"{self.event_id} at {self.due_at:%Y-%m-%d %H:%M}"


class Subscription(BaseModel):
    """A secret address under which other programs read a calendar. Only a digest of the secret is kept."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.owner_id}"


class CalendarShare(BaseModel):
    """A calendar offered to the owner of an address, who becomes its `member` by accepting.

    What the member may do stands in `CalendarShareGrant`; without a row there, a share opens nothing.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    level = models.CharField(max_length=10, choices=choices(ShareLevel))
    expires_at = models.DateTimeField(null=True, blank=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarShareQuerySet.as_manager()

    class Meta:
        default_permissions = ("view", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["owner", "email"], name="calendar_share_once_per_address"),
            models.CheckConstraint(
                condition=Q(member=None, accepted_at=None) | Q(member__isnull=False, accepted_at__isnull=False),
                name="calendar_share_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(member=None) | ~Q(member=F("owner")), name="calendar_share_with_somebody_else"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["email", "id"], name="calendar_share_offered")]

    def __str__(self) -> str:
        return f"{self.owner_id} with {self.email}"


class CalendarShareGrant(UserObjectPermissionBase):
    """One permission of one member on one share: django-guardian's, by plain foreign keys."""

    content_object = models.ForeignKey(CalendarShare, on_delete=models.CASCADE, related_name="grants")

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()
