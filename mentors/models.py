"""The tables of mentoring: mentors, their weekly hours, the exceptions to these, and sessions."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.db.exclusion import NoOverlap
from core.db.models import BaseModel, choices_of
from mentors.managers import MentorQuerySet, SessionQuerySet
from mentors.types import DAY_MINUTES, LIVE, ExceptionKind, MentorStatus, Party, SessionStatus

_LIVE = Q(status__in=sorted(LIVE))
_HOURS = Q(start_minute__lt=F("end_minute"), end_minute__lte=DAY_MINUTES)


def usual_durations() -> list[int]:
    return [30, 60]


class Mentor(BaseModel):
    """Somebody who applied to be a mentor. A mentor has the id of the person."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    status = models.CharField(max_length=10, choices=choices_of(MentorStatus), default=MentorStatus.PENDING)
    headline = models.CharField(max_length=120)
    bio = models.TextField(blank=True)
    motivation = models.TextField(blank=True)  # why they apply; for staff
    expertise = models.JSONField(default=list, blank=True)  # [{slug, label, weight}]
    expertise_slugs = models.TextField(blank=True)  # "|django|pricing|", to be searched
    price_minor = models.PositiveBigIntegerField(default=0)  # of an hour, in minor units
    currency = models.CharField(max_length=3, default="USD")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)
    decision_note = models.CharField(max_length=200, blank=True)

    timezone = models.CharField(max_length=64)
    durations = models.JSONField(default=usual_durations)  # minutes, ascending
    slot_minutes = models.PositiveSmallIntegerField(default=30)  # starts are offered that far apart
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0)
    notice_minutes = models.PositiveIntegerField(default=DAY_MINUTES)
    horizon_days = models.PositiveSmallIntegerField(default=60)
    max_per_day = models.PositiveSmallIntegerField(default=0)  # 0: as many as fit
    is_accepting = models.BooleanField(default=True)
    # An approved mentor whose account is closed, or who has lost the role. Kept here, so that no list has to look at
    # people and their roles.
    is_withheld = models.BooleanField(default=False, editable=False)

    objects = MentorQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=F("user")), name="mentors_mentor_is_the_person"),
            models.CheckConstraint(condition=Q(slot_minutes__gt=0), name="mentors_mentor_slots"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-id"], name="mentors_mentor_public", condition=Q(status="approved")),
            models.Index(fields=["status", "id"], name="mentors_mentor_status"),
        ]

    def __str__(self) -> str:
        return self.headline


class AvailabilityRule(BaseModel):
    """Hours on one weekday (1 is Monday), on the clock on the mentor's wall; the end is exclusive."""

    mentor = models.ForeignKey(Mentor, models.CASCADE, related_name="rules")
    weekday = models.PositiveSmallIntegerField()
    start_minute = models.PositiveSmallIntegerField()
    end_minute = models.PositiveSmallIntegerField()
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="mentors_rule_weekday"),
            models.CheckConstraint(condition=_HOURS, name="mentors_rule_hours"),
            models.CheckConstraint(
                condition=Q(first_day=None) | Q(last_day=None) | Q(first_day__lte=F("last_day")),
                name="mentors_rule_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.start_minute}-{self.end_minute}"


class AvailabilityException(BaseModel):
    """Hours that are taken away from certain days, or added to them; the last day is one of them."""

    mentor = models.ForeignKey(Mentor, models.CASCADE, related_name="exceptions")
    kind = models.CharField(max_length=6, choices=choices_of(ExceptionKind))
    first_day = models.DateField()
    last_day = models.DateField()
    start_minute = models.PositiveSmallIntegerField(default=0)
    end_minute = models.PositiveSmallIntegerField(default=DAY_MINUTES)
    note = models.CharField(max_length=200, blank=True)  # for the mentor alone

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=_HOURS, name="mentors_exception_hours"),
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="mentors_exception_days"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mentor", "last_day"], name="mentors_exception_days_of"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first_day}-{self.last_day}"


class MentorSession(BaseModel):
    """Time that a mentee asked of a mentor. While it is live, the mentor is held for it, buffers included.

    `held_from` and `held_until` are what the mentor's buffers were when it was booked or moved.
    """

    # No indexes of their own: composite ones begin with them.
    mentor = models.ForeignKey(Mentor, models.PROTECT, db_index=False, related_name="sessions")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    starts_at = models.DateTimeField(db_column="start_time")
    ends_at = models.DateTimeField(db_column="end_time")
    held_from = models.DateTimeField()
    held_until = models.DateTimeField()
    timezone = models.CharField(max_length=64)  # the mentee's
    topic = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=choices_of(SessionStatus), default=SessionStatus.REQUESTED)
    reason = models.CharField(max_length=500, blank=True)
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    decided_at = models.DateTimeField(null=True, blank=True)  # by the mentor, about the present time
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=7, choices=choices_of(Party), blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(held_from__lte=F("starts_at"), starts_at__lt=F("ends_at"), ends_at__lte=F("held_until")),
                name="mentors_session_times",
            ),
            models.CheckConstraint(condition=~Q(mentor=F("mentee")), name="mentors_session_of_two"),
            models.CheckConstraint(
                condition=(_LIVE & Q(closed_at=None)) | (~_LIVE & Q(closed_at__isnull=False)),
                name="mentors_session_closed",
            ),
            NoOverlap(
                of="mentor", start="held_from", end="held_until", condition=_LIVE, name="mentors_session_of_mentor"
            ),
            NoOverlap(of="mentee", start="starts_at", end="ends_at", condition=_LIVE, name="mentors_session_of_mentee"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mentor", "starts_at"], name="mentors_session_live", condition=_LIVE),
            models.Index(fields=["mentee", "starts_at"], name="mentors_session_live_mentee", condition=_LIVE),
            models.Index(fields=["mentor", "starts_at", "id"], name="mentors_session_agenda"),
            models.Index(fields=["mentee", "starts_at", "id"], name="mentors_session_mentees"),
            models.Index(fields=["starts_at"], name="mentors_session_unanswered", condition=Q(status="requested")),
        ]

    def __str__(self) -> str:
        return f"{self.topic} ({self.status})"
